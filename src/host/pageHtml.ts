/** A web view's document: local script and style only, a nonce, nothing inline (SAFETY 17). `source` is where both come from. */
export function pageHtml({ title, language, source, nonce, script, style }: { title: string; language: string; source: string; nonce: string; script: string; style: string }): string {
  return `<!DOCTYPE html>
<html lang="${escape(language)}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${source}; font-src ${source}; script-src 'nonce-${nonce}'">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="${escape(style)}">
  <title>${escape(title)}</title>
</head>
<body>
  <main id="page"></main>
  <script nonce="${nonce}" src="${escape(script)}"></script>
</body>
</html>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
