#pragma once

#include "board-window.h"

#include "board/files-panel.h"
#include "board/inspector.h"
#include "board/knobs-panel.h"
#include "board/note-panel.h"
#include "board/outline-sidebar.h"
#include "board/prediction-card.h"
#include "board/run-control.h"
#include "board/search-palette.h"
#include "board/timeline.h"
#include "board/tour.h"
#include "board/transport-bar.h"
#include "board/view-area.h"
#include "editor/console.h"
#include "editor/editor-area.h"
#include "ink/ink-keep.h"
#include "ink/ink-kit.h"
#include "lab/case-panel.h"
#include "library/library.h"
#include "study/study-window.h"

struct _GbBoardWindow
{
  AdwApplicationWindow parent_instance;

  GbTrace *trace;
  GbTraceCursor *cursor;
  GbSelection *selection;
  GbRunControl *control;
  GbLibrary *library;
  GbProgress *progress;
  GbSearchPalette *search; /* the same as of study */
  GbStudyWindow *study; /* NULL until it is asked for; it goes with this window */
  const GbScene *scene; /* of the tab in front, or NULL */
  char *laid_out_scene; /* id whose views were opened already */
  char *offered_path;   /* of the program for which views open by themselves, or NULL */
  char *tab;            /* function of the scene that is run alone, or NULL */
  char *leaf;           /* the leaf whose topic is read beside the scene, or NULL */
  char *wanted_leaf;    /* that was chosen while its scene is still being opened */

  AdwWindowTitle *title;
  GtkWidget *header, *toasts;
  gboolean is_projector;   /* shown to many people: board-projector.c */
  gboolean made_full, made_one; /* by that: the whole screen, one view */
  guint fade_timeout, lesson_timeout;
  GtkWidget *flap, *columns, *left, *lower_stack, *views_stack, *timeline_box;
  GtkWidget *scene_button, *view_button, *menu_button, *language_button, *predict_button, *topics_button;
  GtkWidget *case_tab; /* the button of its page */
  GtkWidget *run_button; /* where no view has anything to show yet */
  GtkWidget *files, *editor_title, *editor_place, *foot, *sentence, *meter;
  GbEditorArea *editor;
  GbConsole *console;
  GbInspector *inspector;
  GbNotePanel *note;
  GbCasePanel *case_panel;
  GbCaseSet *set;
  GbSetStrip *set_strip;
  GbCaseWork *work;  /* on the case in front, or NULL */
  gboolean work_was_open; /* before its last change */
  char *replay_at;   /* where the run of the broken program is to be shown, or NULL */
  GbKnobsPanel *knobs;
  GbPredictionCard *prediction;
  GbOutlineSidebar *outline;
  GbViewArea *views;
  GbTimeline *timeline;
  GbTransportBar *transport;
  GbInkKit *ink;
  GbInkKeep *ink_keep;
  GtkWidget *ink_button, *ink_strip, *tour;
  /* In an interview: shared with the candidate, so it has nothing of what the library keeps from them. */
  gboolean is_sealed;
  gboolean is_class;  /* of them: shared with a class */
  gboolean is_covering; /* of these: programs come without their text, which the presenter has */
  GtkWidget *answers, *blank; /* what the class predicts; above all else */
  gboolean is_replay; /* shows an interview that was; what is done on it is not told */
  gboolean is_exam;
  char *sealed_folder; /* what is kept in its place */
  char *shown_moment, *wanted_moment, *wanted_file; /* of a sight: the run that is shown, and that is to be */
  int text_percent; /* of the width, as somebody put the border; 0: nobody did */
  guint sight_timeout, state_timeout, ink_timeout;
  char *last_state, *last_front; /* that were told */
  GtkWidget *said, *exam_badge;
  GtkWidget *question_bar, *question;
  GbText question_text;
  char *last_look; /* that was told */
  gboolean was_alive;
  guint n_claims, n_checks; /* that were told */
  gboolean ink_in_views; /* the focus was last in a view, not in the text */
  char *recording;    /* that was opened and is shown, or NULL */
  guint n_exceptions; /* shown in the editor */
  guint watch_timeout, offer_timeout, room_idle;
  GbCodeView *taught; /* whose card shows the last of them, weak */
  gboolean undo_way_out; /* the text has one of its ways out */
  enum { GB_CARET_NONE, GB_CARET_ASKED, GB_CARET_RUNNING } caret_stop; /* the program runs to the caret */
};

/* board-layout.c: puts the parts, which exist, in their places */
void gb_board_window_lay_out (GbBoardWindow *self);
/* Knobs and questions may have come: they take their room from the text. */
void gb_board_window_give_room (GbBoardWindow *self);
void gb_board_window_give_room_now (GbBoardWindow *self); /* another page is in front: in the frame that shows it */

/* board-projector.c: large letters, strong contrast, no bars; until Escape */
void gb_board_window_set_projector (GbBoardWindow *self, gboolean is_projector);
void gb_board_window_set_up_projector (GbBoardWindow *self);
void gb_board_window_toast (GbBoardWindow *self, const char *text); /* for a moment, above all else */

/* board-menus.c */
void gb_board_window_connect_menus (GbBoardWindow *self);

/* board-follow.c */
void gb_board_window_follow (GbBoardWindow *self, guint changes); /* the cursor's "changed" */
void gb_board_window_show_place (GbBoardWindow *self);
void gb_board_window_queue_watches (GbBoardWindow *self);
void gb_board_window_send_watches (GbBoardWindow *self);

/* board-teach.c: the card of an error and its ways out */
void gb_board_window_teach (GbBoardWindow *self, GbCodeView *code, GtkWidget *card); /* of the last exception */
void gb_board_window_taught (GbBoardWindow *self); /* the trace has more text, or the run ended */
void gb_board_window_next_way_out (GbBoardWindow *self);

/* board-caret.c */
void gb_board_window_run_to_caret (GbBoardWindow *self);
void gb_board_window_back_to_caret (GbBoardWindow *self); /* the playhead */
guint32 gb_board_window_find_source (GbBoardWindow *self); /* the file in front as it ran; 0: it has not */
/* The run's state has changed: where it has stopped, it is to stop at the caret no more. */
void gb_board_window_caret_reached (GbBoardWindow *self);

/* board-places.c */
void gb_board_window_bookmark (GbBoardWindow *self); /* asks for its note */
void gb_board_window_go_to_bookmark (GbBoardWindow *self, int direction);
void gb_board_window_go_to_mark (GbBoardWindow *self, int direction);
void gb_board_window_go_to (GbBoardWindow *self); /* asks where */

/* board-moments.c */
void gb_board_window_keep_moment (GbBoardWindow *self); /* that the cursor stands at */
void gb_board_window_copy_moment (GbBoardWindow *self); /* as text, to the clipboard */
void gb_board_window_paste_moment (GbBoardWindow *self);
void gb_board_window_open_moment (GbBoardWindow *self, const char *path);

/* board-cases.c */
void gb_board_window_take_case (GbBoardWindow *self); /* another text is in front */
char *gb_board_window_dup_case_text (guint *line, gpointer self);
void gb_board_window_looked (GbBoardWindow *self, const char *view); /* it was opened */
void gb_board_window_looked_at_all (GbBoardWindow *self);            /* the run stands, or was moved, somewhere */
void gb_board_window_replay (GbBoardWindow *self, const char *at, const char *view);
void gb_board_window_run_beside (GbBoardWindow *self, const char *id); /* a scene; the text in front stays */
void gb_board_window_replayed (GbBoardWindow *self); /* a run has ended */
void gb_board_window_begin_case_again (GbBoardWindow *self);
void gb_board_window_set_up_set (GbBoardWindow *self); /* before the parts are laid out */
void gb_board_window_compose_set (GbBoardWindow *self, guint n); /* by chance */
/* board-study.c */
void gb_board_window_set_up_study (GbBoardWindow *self); /* before the parts are made */
void gb_board_window_show_study (GbBoardWindow *self, const char *page);
void gb_board_window_show_search (GbBoardWindow *self);
void gb_board_window_study_case (GbBoardWindow *self); /* the work on a case begins */
gboolean gb_board_window_open_leaf (GbBoardWindow *self, const char *leaf); /* what there is for it */
void gb_board_window_open_item (GbBoardWindow *self, const char *name);
/* board-interview.c: in an interview each of these is told to who has connected to "noticed"; elsewhere they do nothing */
void gb_board_window_set_up_interview (GbBoardWindow *self); /* when the parts are connected */
GtkWidget *gb_board_window_new_question_bar (GbBoardWindow *self);
GtkWidget *gb_board_window_new_exam_badge (GbBoardWindow *self);
void gb_board_window_notice_look (GbBoardWindow *self, const char *view);
void gb_board_window_notice_run (GbBoardWindow *self); /* the run's state has changed */
void gb_board_window_notice_work (GbBoardWindow *self); /* another case is in front */
void gb_board_window_notice_texts (GbBoardWindow *self); /* tabs have come, or another one is in front */
void gb_board_window_notice_place (GbBoardWindow *self); /* the run stands elsewhere, or may */
void gb_board_window_say (GbBoardWindow *self, const char *text); /* below the words above the board; "": nothing */
void gb_board_window_update_question (GbBoardWindow *self); /* the words above the board and what is below them */
void gb_board_window_forget_interview (GbBoardWindow *self);
/* board-class.c */
void gb_board_window_set_up_class (GbBoardWindow *self);
GtkWidget *gb_board_window_new_blank (GbBoardWindow *self);
void gb_board_window_lesson_changed (GbBoardWindow *self);
void gb_board_window_add_bookmark (GbBoardWindow *self, const char *note); /* board-places.c */
/* board-cases.c: the file somebody works on it in, made where there is none; NULL: it cannot be. */
char *gb_board_window_dup_case_path (GbBoardWindow *self, const GbCase *which);
/* Where work on cases and progress are kept.  Owned. */
char *gb_board_window_dup_state_folder (GbBoardWindow *self);
/* board-ink.c */
void gb_board_window_set_up_ink (GbBoardWindow *self); /* before the parts are laid out */
/* has_nameless: a text without a file has come back, whose ink is wanted. */
void gb_board_window_connect_ink (GbBoardWindow *self, gboolean has_nameless);
void gb_board_window_ink_pages (GbBoardWindow *self); /* tabs have come, gone or got another name */

/* board-branches.c */
void
gb_board_window_go_on (GbBoardWindow *self); /* from where the cursor stands, with the code as it is now */
/* Opens the view that compares: with a branch, 0: with the latest, or with the run when a branch is looked
 * at. */
void gb_board_window_compare (GbBoardWindow *self, guint branch);
void gb_board_window_choose_comparison (GbBoardWindow *self); /* asks for a recording */

/* board-actions.c */
void gb_board_window_add_actions (GbBoardWindow *self);
/* The text that runs: all of it, or one tab of the scene; owned. */
char *gb_board_window_dup_program (GbBoardWindow *self);
/* Runs the tab in front from the top; unit: pause at its first one, or -1. */
void gb_board_window_run (GbBoardWindow *self, int unit);
void gb_board_window_collect_breakpoints (GbBoardWindow *self); /* of all texts, into the run control */
void gb_board_window_send_breakpoints (GbBoardWindow *self);
