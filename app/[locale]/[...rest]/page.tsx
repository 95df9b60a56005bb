import { notFound } from 'next/navigation';

/** Whatever no other route knows: the not-found page in the reader's language. */
export default function Rest(): never {
  notFound();
}
