#include "interviews.h"

#include "common/i18n.h"
#include "paths.h"

GbLibrary *library;

void
gb_test_interviews_init (int *argc, char ***argv)
{
  g_test_init (argc, argv, NULL);
  g_autofree char *home = g_dir_make_tmp ("gb-interview-home-XXXXXX", NULL);
  g_setenv ("XDG_STATE_HOME", home, TRUE);
  g_setenv ("XDG_CONFIG_HOME", home, TRUE);
  gb_i18n_init (g_getenv ("GB_LOCALE_DIR"));
  library = gb_library_new (gb_paths_get_data_dir ());
}

GbPlan *
propose (GbLevel level, double minutes, guint32 seed)
{
  GbPlanWish wish = { level, "deep-learning", minutes, GB_WAY_ALL, seed };
  return gb_plan_propose (library, &wish);
}

char *
file_path (const char *name)
{
  static char *folder;
  if (folder == NULL)
    folder = g_dir_make_tmp ("gb-interview-XXXXXX", NULL);
  return g_build_filename (folder, name, NULL);
}

GbSession *
make_interview (const char *path)
{
  g_autoptr (GError) error = NULL;
  GbSession *session = gb_session_create (path, &error);
  g_autoptr (GbPlan) plan = propose (GB_LEVEL_MID, 60, 1);

  g_assert_no_error (error);
  gb_session_tell (session, "made",
                   json_tokener_parse ("{\"candidate\": \"李雷 & <b>Lei</b> | *x*\", \"consent\": true}"));
  gb_session_tell (session, "plan", gb_plan_to_json (plan));
  gb_session_tell (session, "begin", NULL);
  for (guint i = 0; i < 4; i++)
    {
      const GbPlanItem *item = gb_plan_get_item (plan, i);
      const GbQuestion *question = gb_plan_question (library, item->what, item->level);
      GbJson *ask = json_object_new_object (), *text = json_object_new_object (),
             *score = json_object_new_object ();
      if (question == NULL)
        {
          json_object_put (ask);
          json_object_put (text);
          json_object_put (score);
          continue;
        }
      json_object_object_add (text, "zh", json_object_new_string (question->question.zh));
      json_object_object_add (text, "en", json_object_new_string (question->question.en));
      json_object_object_add (ask, "item", json_object_new_int64 (item->id));
      json_object_object_add (ask, "question", text);
      gb_session_tell (session, "ask", ask);
      json_object_object_add (score, "item", json_object_new_int64 (item->id));
      json_object_object_add (score, "dimension",
                              json_object_new_string (gb_dimension_name (item->dimension)));
      json_object_object_add (score, "score", json_object_new_int64 (4 - i));
      gb_session_tell (session, "score", score);
      gb_session_tell (session, "note",
                       json_tokener_parse (i ? "{\"item\": 0, \"text\": \"asks back\"}"
                                             : "{\"item\": 99, \"text\": \"of nothing\"}"));
      gb_session_tell (session, "look", json_tokener_parse ("{\"view\": \"graph\", \"place\": \"iter:2\"}"));
      gb_session_tell (
          session, "guess",
          json_tokener_parse ("{\"prediction\": \"w.grad\", \"answer\": \"0.84\", \"sure\": 0.8, "
                              "\"right\": true}"));
    }
  gb_session_tell (session, "text",
                   json_tokener_parse ("{\"file\": \"linear.py\", \"text\": \"import torch\\n\"}"));
  gb_session_tell (
      session, "type",
      json_tokener_parse ("{\"file\": \"linear.py\", \"offset\": 13, \"inserted\": \"x = 1\\n```\\n\"}"));
  gb_session_tell (session, "check", json_tokener_parse ("{\"what\": \"C01\", \"holds\": false}"));
  gb_session_tell (session, "finish", NULL);
  return session;
}
