import type { ReactNode } from 'react';
import styles from './page.module.css';

interface PageHeadProps {
  title: string;
  lead?: string;
  children?: ReactNode;
}

/** A page's title, what it is for, and what belongs beside them. */
export function PageHead({ title, lead, children }: PageHeadProps) {
  return (
    <div className={styles.head}>
      <h1>{title}</h1>
      {lead ? <p className={styles.lead}>{lead}</p> : null}
      {children}
    </div>
  );
}
