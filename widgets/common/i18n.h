/* Texts in zh and en, switchable while running.  English is the msgid; gettext's LANGUAGE does the work, so a
 * system that has only C.UTF-8 is enough. */
#pragma once

#include <glib-object.h>
#include <libintl.h>

G_BEGIN_DECLS

#define GB_GETTEXT_DOMAIN "gradboard"
#define _(text) dgettext (GB_GETTEXT_DOMAIN, text)
#define C_(context, text) g_dpgettext2 (GB_GETTEXT_DOMAIN, context, text)
#define N_(text) (text)
#define ngettext_(one, many, n) dngettext (GB_GETTEXT_DOMAIN, one, many, n)

/* locale_dir holds zh/LC_MESSAGES/gradboard.mo; NULL: GB_LOCALE_DIR of the environment, else the built-in one.
 * May be called again; safe before gtk_init. */
void gb_i18n_init (const char *locale_dir);
/* "zh", "en" or NULL for the system's. Emits "changed" of gb_i18n_get_default () when it is another one. */
void gb_i18n_set_language (const char *language);
const char *gb_i18n_get_language (void); /* "zh" or "en", never NULL */
/* Pango's tag, so that Han glyphs are the simplified ones: "zh-cn" always (Latin text does not care). */
const char *gb_i18n_get_pango_language (void);

#define GB_TYPE_I18N (gb_i18n_get_type ())
G_DECLARE_FINAL_TYPE (GbI18n, gb_i18n, GB, I18N, GObject)
GbI18n *gb_i18n_get_default (void); /* signal "changed" */

/* Keeps a string property of an object in the current language: sets it now and after every switch, until the object
 * is gone.  msgid must be a literal marked with N_(). */
void gb_i18n_bind (gpointer object, const char *property, const char *msgid);

G_END_DECLS
