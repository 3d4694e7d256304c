/** The last line of defence: services leave secrets out; what looks like one all the same is taken out here. */
const secretWords =
  /\b(pass(?:word|phrase)?|secret|token|key|authorization|cookie)(["']?\s*[=:]\s*)("[^"]*"|'[^']*'|\S+)/gi;
const tokenText = /\bcgw_[0-9a-f]{12}_[0-9a-f]+/gi;
const bearer = /\bBearer\s+\S+/gi;
const userInfo = /\/\/[^/\s:@]+:[^/\s@]+@/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out, so that no entry can look like two.
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** One line of at most `length` characters without what looks like a secret. */
export function redacted(text: string, length: number): string {
  const clean = text
    .slice(0, 4 * length)
    .replace(control, " ")
    .replace(tokenText, "[secret]")
    .replace(bearer, "Bearer [secret]")
    .replace(userInfo, "//[secret]@")
    .replace(secretWords, "$1$2[secret]");
  return clean.length <= length ? clean : `${clean.slice(0, length - 1)}…`;
}
