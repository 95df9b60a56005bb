import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { commandRegistry, commandStubs, kindRegistry } from './cli/gen.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Which areas an area may import, and what to do instead when it wants more. */
const RULES: { area: string; may: string[]; instead: string }[] = [
  {
    area: 'lib/sim',
    may: [],
    instead: 'The engine is pure: hand it the value as an argument, or emit a trace event that the caller reads.',
  },
  { area: 'lib/grade', may: ['lib/sim'], instead: 'Grading sees the engine only: pass what it needs in the exercise.' },
  {
    area: 'lib/worker',
    may: ['lib/sim', 'lib/grade'],
    instead: 'The session port carries engine values: let the component translate them.',
  },
  {
    area: 'lib/course',
    may: ['lib/sim', 'lib/grade'],
    instead: 'The course reads content and knows no server: call it from lib/server or app.',
  },
  { area: 'lib/i18n', may: [], instead: 'Messages are data: import them from the app.' },
  {
    area: 'lib/server',
    may: ['lib/course', 'lib/grade', 'lib/sim', 'lib/i18n'],
    instead: 'A use case serves data: render it in app or components.',
  },
  {
    area: 'components',
    may: ['lib/worker', 'lib/grade', 'lib/sim', 'lib/i18n', 'lib/course'],
    instead: 'Components get their data as props: load it in app by lib/server.',
  },
  {
    area: 'lib/conformance',
    may: ['lib/sim'],
    instead: 'It compares the engine with this machine: whatever prints or chooses belongs to lib/cli.',
  },
  {
    area: 'lib/cli',
    may: ['lib/sim', 'lib/grade', 'lib/course', 'lib/conformance'],
    instead: 'The CLI runs without a server: move what you need into lib/course or lib/grade.',
  },
];

const ALIASES: Record<string, string> = {
  '#sim/': 'lib/sim/',
  '#grade/': 'lib/grade/',
  '#course/': 'lib/course/',
  '#server/': 'lib/server/',
  '#worker/': 'lib/worker/',
  '#i18n/': 'lib/i18n/',
  '#components/': 'components/',
  '#conformance/': 'lib/conformance/',
};

const areas = [
  'lib/sim',
  'lib/grade',
  'lib/worker',
  'lib/course',
  'lib/i18n',
  'lib/server',
  'lib/cli',
  'lib/conformance',
  'components',
  'app',
];
const areaOf = (path: string): string | undefined => areas.find((a) => path === a || path.startsWith(`${a}/`));

function sources(dir: string): string[] {
  return readdirSync(join(root, dir), { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile() && /\.tsx?$/.test(e.name))
    .map((e) => relative(root, join(e.parentPath, e.name)))
    .filter((file) => !file.startsWith('lib/server/prisma/'));
}

interface Import {
  file: string;
  specifier: string;
  target: string | null;
  typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found: Import[] = [];
  for (const m of text.matchAll(
    /^\s*(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/gm,
  )) {
    const specifier = (m[2] ?? m[3]) as string;
    const alias = Object.keys(ALIASES).find((a) => specifier.startsWith(a));
    const target = specifier.startsWith('.')
      ? relative(root, resolve(root, dirname(file), specifier))
      : alias
        ? specifier.replace(alias, ALIASES[alias] as string)
        : null;
    found.push({ file, specifier, target, typeOnly: m[1] !== undefined });
  }
  return found;
}

const isTest = (file: string): boolean => /\.test\.tsx?$/.test(file) || file.startsWith('lib/sim/test/');

describe('arrows point one way', () => {
  for (const { area, may, instead } of RULES) {
    it(`${area} imports only ${may.join(', ') || 'itself'}`, () => {
      const wrong = sources(area)
        .filter((file) => !isTest(file))
        .flatMap(importsOf)
        .filter(
          (i) => i.target && areaOf(i.target) && areaOf(i.target) !== area && !may.includes(areaOf(i.target) as string),
        )
        // A component may name the types that the course hands it.
        .filter((i) => !(area === 'components' && areaOf(i.target as string) === 'lib/course' && i.typeOnly))
        .map((i) => `${i.file} imports ${i.specifier}. ${instead}`);
      expect(wrong).toEqual([]);
    });
  }

  it('components take only types from lib/course', () => {
    const wrong = sources('components')
      .filter((f) => !isTest(f))
      .flatMap(importsOf)
      .filter((i) => i.target && areaOf(i.target) === 'lib/course' && !i.typeOnly)
      .map((i) => `${i.file} imports ${i.specifier}: it reads files. Load it in app and pass it as a prop.`);
    expect(wrong).toEqual([]);
  });
});

describe('lib/sim', () => {
  const files = sources('lib/sim').filter((file) => !isTest(file));

  const DOORS = ['lib/sim/index.ts', 'lib/sim/core.ts', 'lib/sim/commands/load.ts', 'lib/sim/trace/index.ts'];

  it('is entered by its doors only', () => {
    const wrong = areas
      .filter((area) => area !== 'lib/sim')
      .flatMap(sources)
      .filter((file) => !isTest(file) && !/cli\/(oracle|gen)\.ts$/.test(file))
      .flatMap(importsOf)
      .filter((i) => i.target?.startsWith('lib/sim/') && !DOORS.includes(i.target))
      // Recordings and their replay belong to the engine's tests; the harness compares with them.
      .filter((i) => !(/^lib\/(conformance|cli)\//.test(i.file) && i.target?.startsWith('lib/sim/test/')))
      .map(
        (i) =>
          `${i.file} imports ${i.specifier}. Export it from one of its doors and import it there: ${DOORS.join(', ')}.`,
      );
    expect(wrong).toEqual([]);
  });

  it('imports unbash and yaml in one file each, and nothing else from outside', () => {
    const allowed: Record<string, string> = { unbash: 'lib/sim/shell/parse.ts', yaml: 'lib/sim/text/yaml.ts' };
    const wrong = files
      .flatMap(importsOf)
      .filter((i) => i.target === null && allowed[i.specifier] !== i.file)
      .map(
        (i) =>
          `${i.file} imports ${i.specifier}. Outside packages enter the engine in ${Object.values(allowed).join(' and ')} only.`,
      );
    expect(wrong).toEqual([]);
  });

  it('has no clock, no randomness and no locale of the machine it runs on', () => {
    const banned =
      /\b(Date\.now|new Date\(\)|Math\.random|Intl\.|localeCompare|toLocale\w+|performance\.|crypto\.|setTimeout|globalThis|process\.(?:env|stdout|exit))/;
    const wrong = files.flatMap((file) =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .flatMap((line, i) => {
          const m = /^\s*(?:\*|\/\/|\/\*)/.test(line) ? null : banned.exec(line);
          return m ? [`${file}:${i + 1}: ${m[1]}. Use world.now, world.rng or plain comparison.`] : [];
        }),
    );
    expect(wrong).toEqual([]);
  });

  it('keeps its files small', () => {
    const long = [
      ...files,
      ...sources('components'),
      ...sources('app'),
      ...sources('lib/server'),
      ...sources('lib/conformance'),
    ]
      .filter((file) => !file.includes('.gen.') && !isTest(file))
      .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length }))
      .filter(({ lines }) => lines > 400)
      .map(({ file, lines }) => `${file} has ${lines} lines. Split it by topic: 120 is the aim, 400 the end.`);
    expect(long).toEqual([]);
  });
});

describe('generated files', () => {
  it('are current', () => {
    expect(readFileSync(join(root, 'lib/sim/commands/registry.gen.ts'), 'utf8'), 'run `npm run gen` and commit').toBe(
      commandRegistry(),
    );
    expect(readFileSync(join(root, 'lib/sim/k8s/kinds/registry.gen.ts'), 'utf8'), 'run `npm run gen` and commit').toBe(
      kindRegistry(),
    );
  });

  it('describe every command', async () => {
    expect(readFileSync(join(root, 'lib/sim/commands/stubs.gen.ts'), 'utf8'), 'run `npm run gen` and commit').toBe(
      await commandStubs(),
    );
  });
});
