/* app: start, windows, actions, preferences.  This file: where things are, in a build tree and installed. */
#pragma once

/* Each is found once and lives as long as the program; NULL never. */
const char *gb_paths_get_data_dir (void);   /* outline.json, scenes/, styles/; $GRADBOARD_DATADIR when it is set */
const char *gb_paths_get_locale_dir (void); /* zh/LC_MESSAGES/gradboard.mo */
const char *gb_paths_get_state_dir (void);  /* journal of unsaved edits, window state; created when missing */
