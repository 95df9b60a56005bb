'use client';
import { useTranslations } from 'next-intl';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import styles from './terminal.module.css';

/** Every key of the terminal: [keys, message]. */
const KEYS = [
  ['Tab', 'complete'],
  ['↑ ↓', 'history'],
  ['Ctrl-R', 'search'],
  ['Ctrl-C', 'interrupt'],
  ['Ctrl-D', 'eof'],
  ['Ctrl-L', 'clear'],
  ['Ctrl-A / Home, Ctrl-E / End', 'ends'],
  ['Ctrl-← Ctrl-→', 'words'],
  ['Ctrl-U, Ctrl-K', 'kill'],
  ['Ctrl-Backspace, Ctrl-W', 'killWord'],
  ['Ctrl-Y', 'yank'],
  ['Alt-.', 'lastArgument'],
  ['Ctrl-Shift-C, ⌘C', 'copy'],
  ['Ctrl-V, Ctrl-Shift-V, ⌘V', 'paste'],
  ['F8', 'skip'],
  ['Esc, Tab', 'leave'],
] as const;

/** What each key does. */
export function TerminalHelp({ onClose }: { onClose(): void }) {
  const t = useTranslations('terminal');
  return (
    <Dialog
      title={t('help.title')}
      onClose={onClose}
      actions={
        <Button look="primary" onClick={onClose}>
          {t('help.done')}
        </Button>
      }
    >
      <p>{t('help.intro')}</p>
      <table className={styles.help}>
        <tbody>
          {KEYS.map(([keys, message]) => (
            <tr key={message}>
              <th scope="row">{keys}</th>
              <td>{t(`help.${message}`)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>{t('help.limits')}</p>
    </Dialog>
  );
}
