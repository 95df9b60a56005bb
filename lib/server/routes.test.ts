/** Every route, on PGlite and, where there is one, on PostgreSQL: what it keeps, whom it answers, what it refuses. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { POSTGRES, type ServerFixture, startServer } from './test/server-fixture.ts';

const localized = (text: string) => ({ en: text, 'zh-TW': text });
const catalog = {
  version: 'test',
  modules: [],
  lessons: [{ id: 'm/one', module: 'm' }],
  exercises: [],
  questions: [
    {
      id: 'q1',
      topic: 'cni',
      level: 1,
      kind: 'single',
      options: [
        { id: 'a', correct: true },
        { id: 'b', correct: false },
      ],
    },
    { id: 'q2', topic: 'cni', level: 1, kind: 'type', answers: ['cni0'] },
  ],
};
vi.mock('#course/catalog.ts', () => ({
  getCatalog: () => catalog,
  findLesson: (id: string) => catalog.lessons.find((lesson) => lesson.id === id) ?? null,
  findExercise: (id: string) =>
    id === 'fix-it' ? { id, scene: { base: 'bare', seed: 1, setup: [] }, checks: [] } : null,
}));

const grade = vi.fn(async () => ({
  status: 'graded',
  passed: true,
  score: 1,
  checks: [
    { id: 'c', passed: true, points: 1, message: localized('well'), observed: 'NUL \u0000 and half a pair \ud800' },
  ],
  worldHash: 'h',
}));
vi.mock('./grade-pool.ts', () => ({ getGradePool: () => ({ grade }) }));

type Handler = (request: Request) => Promise<Response>;
interface Routes {
  attempts: Record<'GET' | 'POST', Handler>;
  progress: Record<'GET', Handler>;
  lessons: Record<'POST', Handler>;
  practice: Record<'POST', Handler>;
  health: Record<'GET', Handler>;
}

const loadRoutes = async (): Promise<Routes> => ({
  attempts: await import('../../app/api/attempts/route.ts'),
  progress: await import('../../app/api/progress/route.ts'),
  lessons: await import('../../app/api/progress/lessons/route.ts'),
  practice: await import('../../app/api/practice/route.ts'),
  health: await import('../../app/api/health/route.ts'),
});

const at = (path: string, cookie?: string): Request =>
  new Request(`http://localhost/api/${path}`, { headers: cookie ? { cookie } : {} });
const post = (path: string, body: unknown, cookie?: string, headers: Record<string, string> = {}): Request =>
  new Request(`http://localhost/api/${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { ...(cookie ? { cookie } : {}), ...headers },
  });
const cookieIn = (response: Response): string => (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
const attempt = (change: Record<string, unknown> = {}) => ({
  clientId: randomUUID(),
  exercise: 'fix-it',
  seed: 1,
  transcript: { v: 1, steps: [{ at: 0, steps: 0, term: 1, line: 'echo \u0000\ud800' }] },
  ...change,
});

describe.each([
  ['pglite', false],
  ['postgres', !POSTGRES],
] as const)('routes on %s', (kind, skipped) => {
  describe.skipIf(skipped)(skipped ? `${kind}: skipped, FLATNET_TEST_DATABASE_URL is not set` : kind, () => {
    let server: ServerFixture;
    let routes: Routes;
    let alice: string;
    let bob: string;

    beforeAll(async () => {
      server = await startServer(kind, { FLATNET_RATE_LEARNER: '40' });
      routes = await loadRoutes();
      alice = cookieIn(await routes.lessons.POST(post('progress/lessons', { lesson: 'm/one', percent: 1 })));
      bob = cookieIn(await routes.lessons.POST(post('progress/lessons', { lesson: 'm/one', percent: 2 })));
    }, 60_000);
    afterAll(() => server?.stop());

    it('gives a signed, httpOnly cookie to who has none, and no second one', async () => {
      const response = await routes.lessons.POST(post('progress/lessons', { lesson: 'm/one', percent: 1 }));
      expect(response.headers.get('set-cookie')).toMatch(
        /^flatnet-learner=[0-9a-f-]{36}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=34560000$/,
      );
      expect(
        (await routes.lessons.POST(post('progress/lessons', { lesson: 'm/one', percent: 1 }, alice))).headers.get(
          'set-cookie',
        ),
      ).toBeNull();
    });

    it('stores an attempt once, however often and at once it is sent', async () => {
      const body = attempt();
      const answers = await Promise.all([1, 2, 3].map(() => routes.attempts.POST(post('attempts', body, alice))));
      expect(answers.map((a) => a.status)).toEqual([200, 200, 200]);
      const [first, ...others] = (await Promise.all(answers.map((a) => a.json()))) as {
        id: string;
        verdict: unknown;
      }[];
      expect(others.map((o) => o.id)).toEqual([first?.id, first?.id]);
      const later = (await (await routes.attempts.POST(post('attempts', body, alice))).json()) as {
        id: string;
        repeated: boolean;
        verdict: unknown;
      };
      expect(later).toMatchObject({
        id: first?.id,
        repeated: true,
        verdict: JSON.parse(JSON.stringify(await grade())),
      });
      const { attempts } = (await (await routes.attempts.GET(at('attempts', alice))).json()) as {
        attempts: { clientId: string; lines: number }[];
      };
      expect(attempts.filter((a) => a.clientId === body.clientId)).toMatchObject([
        { lines: 1, exercise: 'fix-it', passed: true, score: 1, status: 'graded' },
      ]);
    });

    it('shows each learner their own alone', async () => {
      const body = attempt();
      await routes.attempts.POST(post('attempts', body, alice));
      const seen = async (cookie?: string) =>
        (await (await routes.attempts.GET(at('attempts', cookie))).json()) as { attempts: { clientId: string }[] };
      expect((await seen(alice)).attempts.map((a) => a.clientId)).toContain(body.clientId);
      expect((await seen(bob)).attempts).toEqual([]);
      expect((await seen()).attempts).toEqual([]);
      const stolen = await routes.attempts.POST(post('attempts', body, bob));
      expect([stolen.status, await stolen.json()]).toEqual([
        409,
        { error: { code: 'conflict', message: 'this clientId is taken', field: 'clientId' } },
      ]);
    });

    it('does not believe a cookie that it did not sign', async () => {
      const forged = `${alice.slice(0, -1)}${alice.endsWith('A') ? 'B' : 'A'}`;
      for (const cookie of [forged, alice.replace(/\..*/, ''), 'flatnet-learner=', `${alice}.x`]) {
        expect(await (await routes.progress.GET(at('progress', cookie))).json(), cookie).toEqual({
          lessons: {},
          exercises: {},
          practice: [],
        });
        expect(
          (await routes.lessons.POST(post('progress/lessons', { lesson: 'm/one', percent: 1 }, cookie))).headers.get(
            'set-cookie',
          ),
          cookie,
        ).toContain('flatnet-learner=');
      }
    });

    it('keeps the furthest point of a lesson, and that it is done', async () => {
      const send = async (percent: number, completed: boolean) =>
        (await routes.lessons.POST(post('progress/lessons', { lesson: 'm/one', percent, completed }, bob))).json();
      expect(await send(60, false)).toEqual({ lesson: 'm/one', percent: 60, completed: false });
      expect(await send(100, true)).toEqual({ lesson: 'm/one', percent: 100, completed: true });
      expect(await send(10, false)).toEqual({ lesson: 'm/one', percent: 100, completed: true });
      expect(await (await routes.progress.GET(at('progress', bob))).json()).toMatchObject({
        lessons: { 'm/one': { percent: 100, completed: true } },
        exercises: {},
        practice: [],
      });
    });

    it('marks practice itself, and keeps a round once', async () => {
      const round = {
        clientId: randomUUID(),
        topic: 'cni',
        timeLimit: 120,
        seconds: 61,
        answers: [
          { question: 'q1', given: ['a'] },
          { question: 'q2', given: ['eth0'] },
        ],
      };
      const send = async (cookie: string) => routes.practice.POST(post('practice', round, cookie));
      expect(await (await send(alice)).json()).toMatchObject({ asked: 2, correct: 1, repeated: false });
      expect(await (await send(alice)).json()).toMatchObject({ asked: 2, correct: 1, repeated: true });
      expect((await send(bob)).status).toBe(409);
      const { practice } = (await (await routes.progress.GET(at('progress', alice))).json()) as { practice: unknown[] };
      expect(practice).toMatchObject([
        { topic: 'cni', level: null, timeLimit: 120, seconds: 61, asked: 2, correct: 1 },
      ]);
    });

    it.each([
      ['attempts', 400, '', '{'],
      ['attempts', 400, '', '[]'],
      ['attempts', 400, 'clientId', attempt({ clientId: 'x' })],
      ['attempts', 400, 'seed', attempt({ seed: 2 ** 31 })],
      ['attempts', 400, 'extra', attempt({ extra: 1 })],
      [
        'attempts',
        400,
        'transcript.steps.0.line',
        attempt({ transcript: { v: 1, steps: [{ at: 0, steps: 0, term: 1, line: 7 }] } }),
      ],
      ['attempts', 400, 'transcript.v', attempt({ transcript: { v: 2, steps: [] } })],
      ['attempts', 404, 'exercise', attempt({ exercise: 'nowhere' })],
      [
        'attempts',
        413,
        'transcript.steps',
        attempt({
          transcript: { v: 1, steps: Array.from({ length: 2001 }, () => ({ at: 0, steps: 0, term: 1, line: '' })) },
        }),
      ],
      ['attempts', 413, undefined, `"${'x'.repeat(600_000)}"`],
      ['lessons', 404, 'lesson', { lesson: 'm/none', percent: 1 }],
      ['lessons', 400, 'percent', { lesson: 'm/one', percent: 101 }],
      [
        'practice',
        404,
        'answers.0.question',
        { clientId: randomUUID(), seconds: 1, answers: [{ question: 'q9', given: [] }] },
      ],
      ['practice', 400, 'answers', { clientId: randomUUID(), seconds: 1, answers: [] }],
    ] as const)('%s answers %i, naming %s', async (route, status, field, body) => {
      const response = await routes[route].POST(post(route, body, alice));
      const { error } = (await response.json()) as { error: { field?: string } };
      expect([response.status, error.field]).toEqual([status, field]);
    });

    it('refuses what other sites send', async () => {
      const foreign: Record<string, string>[] = [
        { 'sec-fetch-site': 'cross-site' },
        { origin: 'http://evil.example', host: 'localhost' },
      ];
      for (const headers of foreign) {
        expect((await routes.attempts.POST(post('attempts', attempt(), alice, headers))).status).toBe(403);
      }
    });

    it('answers 429 with Retry-After to who sends too much', async () => {
      let last = new Response();
      for (let i = 0; i < 50; i++)
        last = await routes.lessons.POST(post('progress/lessons', { lesson: 'm/one', percent: 1 }, bob));
      expect(last.status).toBe(429);
      expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    });

    it('says that it is well', async () => {
      expect(await (await routes.health.GET(at('health'))).json()).toMatchObject({ status: 'ok', database: 'ok' });
    });
  });
});

describe('while the database is away', () => {
  it('answers 503, stores nothing, and is well again by itself', async () => {
    const server = await startServer('pglite', { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' });
    const routes = await loadRoutes();
    const response = await routes.attempts.POST(post('attempts', attempt()));
    expect([
      response.status,
      response.headers.get('retry-after'),
      ((await response.json()) as { error: { code: string } }).error.code,
    ]).toEqual([503, '5', 'database-away']);
    expect((await routes.health.GET(at('health'))).status).toBe(503);
    await server.stop();
  }, 30_000);
});
