import { Fragment } from 'react';

/** One line of text from content/, in which `code` and **strong** words are marked as in Markdown. */
export function Inline({ children }: { children: string }) {
  const parts = children.split(/(`[^`]+`|\*\*[^*]+\*\*)/);
  return (
    <>
      {parts.map((part, i) => {
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text keep their places
        if (part.startsWith('`')) return <code key={i}>{part.slice(1, -1)}</code>;
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text keep their places
        if (part.startsWith('**')) return <strong key={i}>{part.slice(2, -2)}</strong>;
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text keep their places
        return <Fragment key={i}>{part}</Fragment>;
      })}
    </>
  );
}
