/** The main journey, in both languages: read, predict, type, see the packet; mark as done; find it again. */
import { expect, test } from './fixtures.ts';
import { fill, focusTerminal, type Locale, run, words } from './terminal.ts';

for (const locale of ['en', 'zh-TW'] satisfies Locale[]) {
  test(`read, predict, type and see the packet (${locale})`, async ({ page }) => {
    const w = words(locale);
    await page.goto(`/${locale}`);
    await page.getByRole('link', { name: w.home.start }).click();
    await expect(page).toHaveURL(new RegExp(`/${locale}/lessons/foundations/network-model$`));

    const predict = page.getByRole('region', { name: w.predict.title });
    await expect(predict.getByRole('button', { name: w.terminal.open })).toHaveCount(0);
    await predict.getByRole('radio', { name: '63' }).check();
    await predict.getByRole('button', { name: w.quiz.check }).click();
    await expect(
      predict.getByRole('group', { name: w.quiz.wrong }).or(predict.getByText(w.quiz.notCorrect).first()),
    ).toBeVisible();

    await predict.getByRole('button', { name: w.terminal.open }).click();
    const terminal = page.getByRole('region', { name: w.terminal.title });
    await page.getByRole('tab', { name: 'control-plane' }).click();
    await focusTerminal(terminal, 'control-plane');
    await run(
      page,
      terminal,
      'kubectl exec -it pod-a -- ping -c 2 10.244.1.6',
      '2 packets transmitted, 2 received, 0% packet loss',
    );
    await expect(terminal).toContainText('ttl=64');
    const path = page.getByRole('region', { name: w.path.title });
    await expect(path.getByRole('list', { name: w.path.steps })).toContainText('cni0');
    await path.getByRole('button', { name: w.path.next, exact: true }).click();
    await expect(path.getByText(/2 [^0-9]*[0-9]+/).first()).toBeVisible();

    const kept = page.waitForResponse(
      (response) =>
        response.url().endsWith('/api/progress/lessons') &&
        response.request().postData()?.includes('"completed":true') === true,
    );
    await page.getByRole('button', { name: w.lesson.complete }).click();
    expect((await kept).status()).toBe(200);
    await page.goto(`/${locale}/progress`);
    await expect(
      page
        .getByRole('listitem')
        .filter({ hasText: locale === 'en' ? 'The Kubernetes network model' : 'Kubernetes 網路模型' }),
    ).toContainText(w.progress.read);
    await page.goto(`/${locale}`);
    await expect(
      page.getByRole('link', {
        name: fill(w.home.continue, { title: locale === 'en' ? 'What CNI does' : 'CNI 做了什麼' }),
      }),
    ).toBeVisible();
  });
}

test('a round of practice is kept with the progress', async ({ page }) => {
  const w = words('en');
  await page.goto('/en/practice');
  await page.getByLabel(w.practice.topic).selectOption({ label: 'CNI' });
  await page.getByRole('checkbox', { name: w.practice.timed }).check();
  await page.getByRole('button', { name: w.practice.start }).click();
  await expect(page.getByRole('timer')).toBeVisible();
  const finish = page.getByRole('button', { name: w.quiz.finish });
  for (;;) {
    await page.getByRole('button', { name: w.quiz.skip }).or(finish).first().click();
    if (await page.getByText(w.quiz.resultTitle).isVisible()) break;
  }
  await expect(page.getByText(w.quiz.saved)).toBeVisible();
  await page.goto('/en/progress');
  await expect(page.getByRole('table').last()).toContainText('CNI');
});
