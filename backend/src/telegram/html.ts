// Text for messages of the bot: https://core.telegram.org/bots/api#html-style

/** What Telegram may make a link, a mention, a command, a hashtag or a phone number of, so that a tap on it does something. */
const mayBeTapped = /[@/#$]|[\p{L}\p{N}-]\.[\p{L}\p{N}]|\d(?:[ ()-]{0,2}\d){6}/u;

/** What others wrote, as text that formats nothing. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The same, as code where Telegram would let people tap on something in it. @param tag for the others */
export function inertHtml(text: string, tag?: 'b'): string {
  const shown = mayBeTapped.test(text) ? 'code' : tag;
  return shown === undefined ? escapeHtml(text) : `<${shown}>${escapeHtml(text)}</${shown}>`;
}
