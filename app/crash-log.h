/* What a crash leaves: a file with versions, the last warnings and where the program stood, to be read and attached to a
 * report.  It holds nothing of the person's text. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Begins the log of this process in folder/PID.log (the folder is made): warnings go there too, and a fatal signal adds its
 * name and the frames of the stack.  Once per process; where nothing can be written, nothing is logged. */
void gb_crash_log_begin (const char *folder);
/* The program ends as it should: its log goes. */
void gb_crash_log_end (void);

/* The newest log in folder of a process that ended by a fatal signal, which is told of once: it is kept as crash-DATE.log, the
 * five newest of them; logs of processes that were killed or ended otherwise go.  Owned; NULL: there is none. */
char *gb_crash_log_take (const char *folder);

G_END_DECLS
