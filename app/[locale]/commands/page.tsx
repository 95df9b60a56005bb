import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { Page } from '#components/site/page.tsx';
import { PageHead } from '#components/site/page-head.tsx';
import { localeOf } from '#i18n/routing.ts';
import { allCommands, type Command } from '#sim/index.ts';
import styles from './commands.module.css';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('commands'))('title') };
}

export default async function Commands({ params }: { params: Promise<{ locale: string }> }) {
  const locale = localeOf((await params).locale);
  const t = await getTranslations('commands');
  const fidelity = await getTranslations('fidelity');
  const commands = [...allCommands].sort((a, b) => (a.name < b.name ? -1 : 1));
  return (
    <Page>
      <PageHead title={t('title')} lead={t('lead')}>
        <p className={styles.count}>
          {t('count', { count: commands.length })} · <a href={`/${locale}/fidelity`}>{fidelity('link')}</a>
        </p>
      </PageHead>
      <nav aria-label={t('jump')} className={styles.jump}>
        {commands.map(({ name }) => (
          <a key={name} href={`#${name}`}>
            {name}
          </a>
        ))}
      </nav>
      <div className={styles.list}>
        {commands.map((command) => (
          <Entry key={command.name} command={command} />
        ))}
      </div>
    </Page>
  );
}

async function Entry({ command }: { command: Command }) {
  const t = await getTranslations('commands');
  const { name, aliases = [], summary, images, options, notModelled = [] } = command;
  const known = options.filter((option) => option.modelled);
  const refused = [...options.filter((option) => !option.modelled).map((option) => option.flag), ...notModelled];
  return (
    <section id={name} className={styles.entry} aria-labelledby={`name-${name}`}>
      <h2 id={`name-${name}`} className={styles.name}>
        {name}
      </h2>
      <p className={styles.summary} lang="en">
        {summary}
      </p>
      <dl className={styles.facts}>
        <div>
          <dt>{t('where')}</dt>
          <dd>{images.map((image) => t(`images.${image}`)).join(', ')}</dd>
        </div>
        {aliases.length > 0 ? (
          <div>
            <dt>{t('aliases')}</dt>
            <dd>
              <Flags flags={aliases} />
            </dd>
          </div>
        ) : null}
        {known.length > 0 ? (
          <div>
            <dt>{t('options')}</dt>
            <dd>
              <Flags flags={known.map((option) => (option.value ? `${option.flag} ${option.value}` : option.flag))} />
            </dd>
          </div>
        ) : null}
        {refused.length > 0 ? (
          <div>
            <dt>{t('notModelled')}</dt>
            <dd className={styles.refused}>
              <Flags flags={refused} />
            </dd>
          </div>
        ) : null}
      </dl>
    </section>
  );
}

function Flags({ flags }: { flags: readonly string[] }) {
  return (
    <span className={styles.flags}>
      {[...new Set(flags)].map((flag) => (
        <code key={flag}>{flag}</code>
      ))}
    </span>
  );
}
