import { Fragment } from 'react';

/** Plain text in which `backticks` mark code. */
export function InlineText({ children }: { children: string }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never move
  return children.split('`').map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : <Fragment key={i}>{part}</Fragment>));
}
