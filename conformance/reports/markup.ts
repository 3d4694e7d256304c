const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for XML and HTML. What XML 1.0 cannot hold becomes U+FFFD: a server's text may have any bytes. */
export function escapeMarkup(text: string): string {
  const permitted = Array.from(text, (letter) => {
    const code = letter.codePointAt(0) ?? 0;
    const isControl = code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d;
    const isExcluded = (code >= 0xd800 && code <= 0xdfff) || code === 0xfffe || code === 0xffff;
    return isControl || isExcluded ? "\uFFFD" : letter;
  }).join("");
  return permitted.replace(/[&<>"']/g, (letter) => entities[letter] ?? letter);
}
