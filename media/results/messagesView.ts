/** What the server said, in the order in which it said it. */
import type { ShownMessage, TabState } from '../../src/features/results/protocol.ts';
import { element, fill, line } from './dom.ts';

export function messagesView({ messages, parts, words }: TabState): HTMLElement {
  if (messages.length === 0) {
    return element('div', 'messages', line('nothing', words.noMessages));
  }
  const list = element('ol', 'messages', ...messages.map((message) => messageItem(message, parts.length > 1 ? fill(words.result, parts.findIndex(({ id }) => id === message.part) + 1) : '')));
  list.tabIndex = 0;
  list.setAttribute('aria-label', words.messages);
  return list;
}

function messageItem({ severity, text, details, time }: ShownMessage, part: string): HTMLElement {
  const head = element('div', 'message', element('time', '', time), ...[part, severity].filter(Boolean).map((word) => element('b', '', word)), element('span', '', text));
  return element('li', severity.toLowerCase(), head, ...details.map((detail) => line('detail', detail)));
}
