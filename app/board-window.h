/* GbBoardWindow: the board: programs on the left, views on the right, time below. */
#pragma once

#include <adwaita.h>
#include <json-c/json.h>

#include "class/answers.h"
#include "interview/sight.h"

G_BEGIN_DECLS

#define GB_TYPE_BOARD_WINDOW (gb_board_window_get_type ())
G_DECLARE_FINAL_TYPE (GbBoardWindow, gb_board_window, GB, BOARD_WINDOW, AdwApplicationWindow)

/* Signal "noticed" (kind, struct json_object *body, borrowed), of a sealed one only: somebody has run, looked at, claimed,
 * checked, predicted or typed something, as interview/facts.h names it. */
GbBoardWindow *gb_board_window_new (GtkApplication *application);
/* For an interview: without notes, answers, hints and what is right, with a folder of its own, which name tells from those
 * of other interviews.  Its people may see all there is in it. */
GbBoardWindow *gb_board_window_new_sealed (GtkApplication *application, const char *name);
/* The same to look at one that was: nothing on it can be changed, and nothing that is done there is told. */
GbBoardWindow *gb_board_window_new_replay (GtkApplication *application, const char *name);
/* For a lesson: as sealed as one for an interview, to be shown to a class.  Signal "lesson-changed": its scene, its leaf, the
 * state of its run, what the program asks or what it printed may be another.  Signal "turn-page" (1 or -1): somebody has pressed the
 * key of a presenter while it stands before a projector. */
GbBoardWindow *gb_board_window_new_class (GtkApplication *application);
/* The scene and the leaf in front, and the part that is run alone, or NULL; borrowed. */
const char *gb_board_window_get_scene (GbBoardWindow *self);
const char *gb_board_window_get_leaf (GbBoardWindow *self);
char *gb_board_window_dup_subject (GbBoardWindow *self); /* what opens it elsewhere: leaf, scene or file; NULL: it has none */
const char *gb_board_window_get_tab (GbBoardWindow *self);
/* The question that the program waits at, and what the scene knows of it (or NULL); NULL: it waits for no prediction. */
const char *gb_board_window_get_asked (GbBoardWindow *self, const GbPrediction **prediction);
/* What the run told about a question after it was asked, as JSON, or NULL; borrowed. */
const char *gb_board_window_get_truth (GbBoardWindow *self, const char *asked);
gboolean gb_board_window_has_passed (GbBoardWindow *self, const char *asked); /* it was asked, and the run went on */
void gb_board_window_reveal_asked (GbBoardWindow *self); /* the run goes on and tells */
gboolean gb_board_window_is_running (GbBoardWindow *self);
const char *gb_board_window_get_sentence (GbBoardWindow *self); /* what the matter with its run is; borrowed, never NULL */
gboolean gb_board_window_is_blank (GbBoardWindow *self);
/* What the class predicts, counted, above the board; NULL: no longer. */
void gb_board_window_show_answers (GbBoardWindow *self, const GbAnswers *answers);
void gb_board_window_set_blank (GbBoardWindow *self, gboolean is_blank); /* black: everybody looks up */
/* All that the window shows that is text, for who reads it elsewhere.  Owned. */
GbJson *gb_board_window_describe (GbBoardWindow *self);
/* What is drawn, to be watched; borrowed. */
GtkWidget *gb_board_window_get_content (GbBoardWindow *self);
char *gb_board_window_dup_text (GbBoardWindow *self); /* the program in front */
char *gb_board_window_dup_path (GbBoardWindow *self);
/* The program in front, and each that is opened from now on, comes without its text.  Signal "covered" (path, text): who presents has
 * it, and the window has no line of it until a part is shown; there is no way back to it by undo. */
void gb_board_window_set_covering (GbBoardWindow *self, gboolean is_covering);
void gb_board_window_show_part (GbBoardWindow *self, const char *text); /* of the program in front, if that is covered */
void gb_board_window_uncover (GbBoardWindow *self, const char *path, const char *text);
const char *gb_board_window_get_recording (GbBoardWindow *self); /* the whole one of the run that is shown, or NULL; borrowed */
/* Marks the place of the run with a note, in its recording too. */
void gb_board_window_mark (GbBoardWindow *self, const char *note);
/* Of a sealed one: shows what it showed then. */
void gb_board_window_show_sight (GbBoardWindow *self, const GbSight *sight);
/* Where its run stands (board/moment.h, as text), whose that is, and where in words; NULL: nothing ran.  Owned. */
char *gb_board_window_dup_moment (GbBoardWindow *self, char **file, char **says);
/* Explanations, completion and what else helps are switched off, and a badge says so. */
void gb_board_window_set_exam (GbBoardWindow *self, gboolean is_exam);
gboolean gb_board_window_is_sealed (GbBoardWindow *self);
/* The words of the interviewer, above the rest until they are put away; "": none. */
void gb_board_window_show_question (GbBoardWindow *self, const char *zh, const char *en);
/* What the view `board` shows (widgets/models/interview-model.h); NULL: none. */
void gb_board_window_show_interview (GbBoardWindow *self, const char *json);
/* Nothing was asked for: edits that were not saved last time, else an empty text with the caret in it. */
void gb_board_window_open_initial (GbBoardWindow *self);
/* A program, a recording or a moment. */
void gb_board_window_open_file (GbBoardWindow *self, GFile *file);
/* FALSE: there is no such scene. */
gboolean gb_board_window_open_scene (GbBoardWindow *self, const char *id);
/* The topic of a leaf of the outline ("tensor.backward"): its scene, with the part that shows it, and its note.
 * FALSE: there is none. */
gboolean gb_board_window_open_topic (GbBoardWindow *self, const char *leaf);
/* A case or an exercise, in a file of the person's own.  FALSE: there is none. */
gboolean gb_board_window_open_case (GbBoardWindow *self, const char *id);

/* "B01+B06": two or three cases in one set. */
gboolean gb_board_window_open_set (GbBoardWindow *self, const char *ids);

/* Says that the program crashed before, and offers the report at path. */
void gb_board_window_tell_of_crash (GbBoardWindow *self, const char *path);

G_END_DECLS
