'use client';
import { useParams } from 'next/navigation';
import styles from '#components/site/page.module.css';

/** Kept here, not in the messages: this must show even when nothing else does. */
const WORDS = {
  en: {
    title: 'Something failed here',
    text: 'This is a defect of Flatnet, not a mistake of yours. Try again; if it comes back, please report it.',
    retry: 'Try again',
  },
  'zh-TW': {
    title: '這裡出了問題',
    text: '這是 Flatnet 的缺陷，不是你的錯。請再試一次；若仍發生，請回報給我們。',
    retry: '再試一次',
  },
};

export default function PageError({ reset }: { error: Error; reset(): void }) {
  const { locale } = useParams<{ locale?: string }>();
  const words = locale === 'zh-TW' ? WORDS['zh-TW'] : WORDS.en;
  return (
    <div className={styles.page}>
      <div className={styles.head} role="alert">
        <h1>{words.title}</h1>
        <p className={styles.lead}>{words.text}</p>
        <p>
          <button type="button" onClick={reset}>
            {words.retry}
          </button>
        </p>
      </div>
    </div>
  );
}
