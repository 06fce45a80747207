#include "common/i18n-private.h"

#include <gtk/gtk.h>
#include <locale.h>
#include <string.h>

/* The type's instance init would be called gb_i18n_init, which is the room's public function. */
struct _GbI18n
{
  GObject parent_instance;
};

static guint changed_signal;
static char *chosen;         /* NULL: the system's */
static char *system_choice;  /* LANGUAGE as it was before we touched it */
extern int _nl_msg_cat_cntr; /* glibc looks catalogues up again when it has changed */

static void
i18n_class_init (gpointer klass, gpointer data)
{
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

GType
gb_i18n_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      GType made = g_type_register_static_simple (G_TYPE_OBJECT, "GbI18n", sizeof (GbI18nClass),
                                                  i18n_class_init, sizeof (GbI18n), NULL, G_TYPE_FLAG_FINAL);
      g_once_init_leave (&type, made);
    }
  return type;
}

GbI18n *
gb_i18n_get_default (void)
{
  static GbI18n *i18n;
  if (i18n == NULL)
    i18n = g_object_new (GB_TYPE_I18N, NULL);
  return i18n;
}

static gboolean
is_chinese (const char *language)
{
  return language && g_str_has_prefix (language, "zh");
}

/* The first language of the environment that we have: LANGUAGE, LC_ALL, LC_MESSAGES, LANG. */
static const char *
system_language (void)
{
  static const char *names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

  if (system_choice && system_choice[0])
    return is_chinese (system_choice) ? "zh" : "en";
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *value = g_getenv (names[i]);
      if (value && value[0])
        return is_chinese (value) ? "zh" : "en";
    }
  return "en";
}

const char *
gb_i18n_get_language (void)
{
  return chosen ? chosen : system_language ();
}

const char *
gb_i18n_get_pango_language (void)
{
  return "zh-cn";
}

static void
i18n_apply (void)
{
  /* English is what the texts are written in: no catalogue is looked for. */
  g_setenv ("LANGUAGE", gb_i18n_get_language (), TRUE);
  _nl_msg_cat_cntr++;
}

void
gb_i18n_init (const char *locale_dir)
{
  static gboolean once;

  if (!once)
    {
      once = TRUE;
      system_choice = g_strdup (g_getenv ("LANGUAGE"));
      /* gettext does nothing in the locale "C"; a fresh Debian has C.UTF-8, where LANGUAGE decides. */
      if (setlocale (LC_ALL, "") == NULL || strcmp (setlocale (LC_MESSAGES, NULL), "C") == 0
          || strcmp (setlocale (LC_MESSAGES, NULL), "POSIX") == 0)
        setlocale (LC_ALL, "C.UTF-8");
      setlocale (LC_NUMERIC, "C");
      /* GTK would set the locale anew, and where LANG is unset no text would be translated any more. */
      if (!gtk_is_initialized ())
        gtk_disable_setlocale ();
    }
  if (locale_dir == NULL)
    locale_dir = g_getenv ("GB_LOCALE_DIR");
#ifdef GB_BUILT_LOCALE_DIR
  if (locale_dir == NULL)
    locale_dir = GB_BUILT_LOCALE_DIR;
#endif
  if (locale_dir)
    bindtextdomain (GB_GETTEXT_DOMAIN, locale_dir);
  bind_textdomain_codeset (GB_GETTEXT_DOMAIN, "UTF-8");
  textdomain (GB_GETTEXT_DOMAIN);
  i18n_apply ();
}

char *
gb_i18n_use (const char *language)
{
  char *before = g_strdup (gb_i18n_get_language ());

  g_free (chosen);
  chosen = g_strdup (is_chinese (language) ? "zh" : "en");
  i18n_apply ();
  return before;
}

void
gb_i18n_set_language (const char *language)
{
  g_autofree char *was = g_strdup (gb_i18n_get_language ());

  g_clear_pointer (&chosen, g_free);
  if (language && language[0])
    chosen = g_strdup (is_chinese (language) ? "zh" : "en");
  i18n_apply ();
  GbI18n *i18n = gb_i18n_get_default (); /* first: it registers the signal */
  if (strcmp (was, gb_i18n_get_language ()) != 0)
    g_signal_emit (i18n, changed_signal, 0);
}

typedef struct
{
  const char *property, *msgid;
} Binding;

static void
binding_apply (GObject *object, const Binding *binding)
{
  g_object_set (object, binding->property, _ (binding->msgid), NULL);
}

static void
bindings_apply (GObject *object)
{
  GPtrArray *bindings = g_object_get_data (object, "gb-i18n-bindings");
  for (guint i = 0; i < bindings->len; i++)
    binding_apply (object, g_ptr_array_index (bindings, i));
}

void
gb_i18n_bind (gpointer object, const char *property, const char *msgid)
{
  GPtrArray *bindings = g_object_get_data (object, "gb-i18n-bindings");
  Binding *binding = NULL;

  g_return_if_fail (G_IS_OBJECT (object));
  if (bindings == NULL)
    {
      bindings = g_ptr_array_new_with_free_func (g_free);
      g_object_set_data_full (object, "gb-i18n-bindings", bindings, (GDestroyNotify) g_ptr_array_unref);
      g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (bindings_apply), object,
                               G_CONNECT_SWAPPED);
    }
  for (guint i = 0; i < bindings->len && binding == NULL; i++)
    if (strcmp (((Binding *) g_ptr_array_index (bindings, i))->property, property) == 0)
      binding = g_ptr_array_index (bindings, i);
  if (binding == NULL)
    g_ptr_array_add (bindings, binding = g_new0 (Binding, 1));
  binding->property = g_intern_string (property);
  binding->msgid = g_intern_string (msgid);
  binding_apply (object, binding);
}
