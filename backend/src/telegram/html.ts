// Text for messages of the bot: https://core.telegram.org/bots/api#html-style

/** What others wrote, as text that formats nothing. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
