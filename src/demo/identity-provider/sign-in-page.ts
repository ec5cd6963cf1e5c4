import { createHash } from 'node:crypto';
import type { DemoViewer } from '../people.ts';

/** The languages of the demo's pages. */
export type Language = 'en' | 'ar';

const TEXTS = {
  en: {
    title: 'Sign in to the Amana demo',
    demo: 'This is a demonstration. Nobody in it is a real person, and there is no password: choose whom to be.',
    people: 'Sign in as',
    back: 'You will return to',
    cancel: 'Cancel',
    failed: 'Sign-in did not work',
    again: 'Close this page and sign in again from where you came from.',
  },
  ar: {
    title: 'الدخول إلى عرض «أمانة» التجريبي',
    demo: 'هذا عرض تجريبي. لا أحد فيه شخص حقيقي، ولا حاجة إلى كلمة مرور: اختر مَن تكون.',
    people: 'الدخول بصفة',
    back: 'ستعود إلى',
    cancel: 'إلغاء',
    failed: 'لم يتمّ الدخول',
    again: 'أغلق هذه الصفحة وأعد الدخول من حيث أتيت.',
  },
} as const;

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2733; --paper: #f6f5f1; --card: #fff; --line: #cfd3d6; --accent: #1f5f5b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7e9ea; --paper: #14191d; --card: #1e262c; --line: #3b464e; --accent: #7cc7c0; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.6 system-ui, 'Segoe UI', 'Noto Sans', 'Noto Sans Arabic', 'Noto Naskh Arabic', Tahoma, sans-serif; }
main { max-width: 34rem; margin: 0 auto; padding: 2rem 1rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 1rem; }
h2 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
.demo { border-inline-start: .25rem solid var(--accent); padding: .25rem .75rem; margin: 0; }
ul { list-style: none; padding: 0; margin: 0; display: grid; gap: .5rem; }
button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .9rem; cursor: pointer; }
li button { width: 100%; text-align: start; display: grid; grid-template-columns: 1fr auto; column-gap: 1rem; }
button:hover { border-color: var(--accent); }
button:focus-visible { outline: .2rem solid var(--accent); outline-offset: .1rem; }
.name { font-weight: 600; }
.role { grid-column: 1 / -1; font-size: .9rem; opacity: .85; }
.back { font-size: .9rem; }
`;

const HASH = createHash('sha256').update(STYLE).digest('base64');

/**
 * The Content-Security-Policy of the provider's pages: no script, nothing from elsewhere, and forms that lead nowhere
 * but back here and, by redirection, to the origins that sign-ins return to.
 */
export const contentSecurityPolicy = (redirectOrigins: readonly string[]): string =>
  [
    "default-src 'none'",
    // Empty, which allows none: `oidc-provider` adds the hash of its one script where a page needs it.
    'script-src',
    `style-src 'sha256-${HASH}'`,
    `form-action 'self' ${redirectOrigins.join(' ')}`.trim(),
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');

/** The page on which somebody chooses whom to sign in as; `action` takes the form, `returnTo` is the origin they came from. */
export function signInPage(
  language: Language,
  { people, action, returnTo }: { people: readonly DemoViewer[]; action: string; returnTo: string },
): string {
  const texts = TEXTS[language];
  const other = language === 'en' ? 'ar' : 'en';
  const items = people.map(
    ({ id, name, role }) => `<li><button name="person" value="${escapeHtml(id)}">
<span class="name">${escapeHtml(name[language])}</span>
<span lang="${other}" dir="${direction(other)}">${escapeHtml(name[other])}</span>
<span class="role">${escapeHtml(role[language])}</span>
</button></li>`,
  );
  return page(
    language,
    texts.title,
    `<p class="demo">${texts.demo}</p>
<form method="post" action="${escapeHtml(action)}">
<h2 id="people">${texts.people}</h2>
<ul aria-labelledby="people">
${items.join('\n')}
</ul>
<p class="back">${texts.back} <bdi>${escapeHtml(returnTo)}</bdi></p>
<button name="cancel" value="yes">${texts.cancel}</button>
</form>`,
  );
}

/** The page shown where a sign-in cannot go on; `reason` is the provider's own sentence, in English. */
export function errorPage(language: Language, reason: string): string {
  const { failed, again } = TEXTS[language];
  return page(language, failed, `<p lang="en" dir="ltr">${escapeHtml(reason)}</p>\n<p>${again}</p>`);
}

/** The reader's language by `Accept-Language` (RFC 9110 §12.5.4), of those the pages have: the first named. */
export const preferredLanguage = (acceptLanguage: string | undefined): Language =>
  /\b(ar|en)\b/iu.exec(acceptLanguage ?? '')?.[1]?.toLowerCase() === 'ar' ? 'ar' : 'en';

const direction = (language: Language): string => (language === 'ar' ? 'rtl' : 'ltr');

const page = (language: Language, title: string, body: string): string => `<!doctype html>
<html lang="${language}" dir="${direction(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escapeHtml = (text: string): string => text.replace(/[&<>"']/gu, (character) => ENTITIES[character] ?? '');
