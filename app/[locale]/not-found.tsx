import { getLocale, getTranslations } from 'next-intl/server';
import { Page } from '#components/site/page.tsx';
import { PageHead } from '#components/site/page-head.tsx';

export default async function NotFound() {
  const t = await getTranslations('errors');
  return (
    <Page>
      <PageHead title={t('notFoundTitle')} lead={t('notFound')}>
        <p>
          <a href={`/${await getLocale()}`}>{t('toHome')}</a>
        </p>
      </PageHead>
    </Page>
  );
}
