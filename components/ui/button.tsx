import type { ButtonHTMLAttributes, ReactNode } from 'react';
import styles from './button.module.css';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: 'plain' | 'primary' | 'quiet';
  small?: boolean;
  /** The key that does the same, shown beside the label. */
  shortcut?: string;
}

/** A button; of type "button" unless told otherwise. */
export function Button({ look = 'plain', small, shortcut, className, children, ...rest }: ButtonProps) {
  const classes = [styles.button, look !== 'plain' && styles[look], small && styles.small, className]
    .filter(Boolean)
    .join(' ');
  return (
    <button type="button" className={classes} aria-keyshortcuts={shortcut} {...rest}>
      {children}
      {shortcut ? <Keyboard>{shortcut}</Keyboard> : null}
    </button>
  );
}

/** A key's name. */
export function Keyboard({ children }: { children: ReactNode }) {
  return (
    <span className={styles.key} aria-hidden="true">
      {children}
    </span>
  );
}

/** Text for screen readers alone. */
export function Hidden({ children }: { children: ReactNode }) {
  return <span className={styles.hidden}>{children}</span>;
}
