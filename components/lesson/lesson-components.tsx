/**
 * What a lesson's MDX may use. All of it renders on the server; the parts that move are small client components, and
 * terminal, engine and picture are loaded when they are opened.
 *
 *     <Terminal scene="flannel-vxlan" host="node1" hosts="node1,node2" seed={1}/>
 *     <PacketPath/>                                   the last packet of the terminal above
 *     <Predict id="QUESTION">…</Predict>              what is inside opens once the question is answered
 *     <Quiz ids="QUESTION,QUESTION"/>
 *     <Note kind="note|correction|warning">…</Note>   <Term>…</Term>   <Objectives>…</Objectives>   <Summary>…</Summary>
 *
 * `<Run scene host steps/>` comes from fenced blocks in the language `run`.
 */
import { getTranslations } from 'next-intl/server';
import { Children, type ComponentType, isValidElement, type ReactElement, type ReactNode } from 'react';
import type { QuestionView } from '../quiz/question.ts';
import { Quiz, quizLabels } from '../quiz/quiz.tsx';
import { intlProps } from '../ui/intl-props.ts';
import { labelsOf } from '../ui/labels.ts';
import { CodeBlock } from './code-block.tsx';
import styles from './lesson.module.css';
import { PacketPathShell } from './packet-path-shell.tsx';
import { PredictGate } from './predict-gate.tsx';
import { RunActions } from './run-actions.tsx';
import { TerminalShell } from './terminal-shell.tsx';

export interface LessonOptions {
  /** Questions in order, for ids that exist; throws for one that does not. */
  questions(ids: readonly string[]): QuestionView[];
  /** The anchor of a heading, as the table of contents has it. */
  slugOf(text: string): string;
}

const list = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

interface TerminalProps {
  scene: string;
  host?: string;
  hosts?: string;
  seed?: number | string;
}

async function LessonTerminalPlace({ scene, host, hosts, seed = 1 }: TerminalProps) {
  const t = await getTranslations('terminal');
  const terminals = [...new Set([...list(host), ...list(hosts)])];
  const labels = { ...labelsOf(t, ['open', 'opening', 'title']), about: t('about', { scene }) };
  return (
    <TerminalShell
      scene={scene}
      seed={Number(seed)}
      terminals={terminals}
      intl={await intlProps(['terminal'])}
      labels={labels}
    />
  );
}

async function PacketPathPlace() {
  const t = await getTranslations('path');
  return <PacketPathShell intl={await intlProps(['path', 'trace'])} empty={t('waiting')} />;
}

interface Step {
  cmd: string;
  output: string;
  exit: number;
}

async function Run({ scene, host, steps }: { scene: string; host: string; steps: string }) {
  const t = await getTranslations('terminal');
  const ran = JSON.parse(steps) as Step[];
  return (
    <figure className={styles.run} aria-label={t('runLabel', { host })}>
      <figcaption>
        <span>{host}</span>
        <RunActions
          scene={scene}
          host={host}
          commands={ran.map((s) => s.cmd)}
          labels={labelsOf(t, ['copy', 'copied', 'tryIt'])}
        />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>
        {ran.map(({ cmd, output, exit }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list
          <span key={i}>
            <span className={styles.prompt}># </span>
            <b>{cmd}</b>
            {'\n'}
            {output === '' || output.endsWith('\n') ? output : `${output}\n`}
            {exit === 0 ? null : <i>{`${t('exit', { status: exit })}\n`}</i>}
          </span>
        ))}
      </pre>
    </figure>
  );
}

async function Note({ kind = 'note', children }: { kind?: 'note' | 'correction' | 'warning'; children: ReactNode }) {
  const t = await getTranslations('terminal');
  return (
    <aside role="note" className={styles.note} data-kind={kind} aria-label={t(`note.${kind}`)}>
      <p className={styles.noteTitle}>{t(`note.${kind}`)}</p>
      {children}
    </aside>
  );
}

async function Framed({ kind, children }: { kind: 'objectives' | 'summary'; children: ReactNode }) {
  const t = await getTranslations('terminal');
  return (
    <section className={styles.framed} aria-label={t(`note.${kind}`)}>
      <p className={styles.noteTitle}>{t(`note.${kind}`)}</p>
      {children}
    </section>
  );
}

interface WithChildren {
  children?: ReactNode;
}

const Objectives = ({ children }: WithChildren) => <Framed kind="objectives">{children}</Framed>;
const Summary = ({ children }: WithChildren) => <Framed kind="summary">{children}</Framed>;
const Term = ({ children }: WithChildren) => <dfn className={styles.term}>{children}</dfn>;

const Table = ({ children }: WithChildren) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
  <div className={styles.table} tabIndex={0}>
    <table>{children}</table>
  </div>
);

function textOf(node: ReactNode): string {
  if (typeof node === 'string' || typeof node === 'number') return String(node);
  if (Array.isArray(node)) return node.map(textOf).join('');
  return isValidElement(node) ? textOf((node as ReactElement<{ children?: ReactNode }>).props.children) : '';
}

function Pre({ children }: { children?: ReactNode }) {
  const code = Children.toArray(children)[0];
  if (!isValidElement(code)) return <pre className={styles.code}>{children}</pre>;
  const { className = '', children: text } = (code as ReactElement<{ className?: string; children?: ReactNode }>).props;
  return <CodeBlock code={textOf(text).replace(/\n$/, '')} language={/language-(\S+)/.exec(className)?.[1] ?? ''} />;
}

/** The map of components for mdx-bundler's lesson and task code. */
export function lessonComponents({ questions, slugOf }: LessonOptions): Record<string, ComponentType<never>> {
  const heading = (Tag: 'h2' | 'h3') =>
    function Heading({ children }: { children?: ReactNode }) {
      const slug = slugOf(textOf(children));
      return (
        <Tag id={slug}>
          <a className={styles.anchor} href={`#${slug}`}>
            {children}
          </a>
        </Tag>
      );
    };

  // biome-ignore lint/correctness/noComponentHookFactories: the map is made once for a page, with the page's questions
  async function Predict({ id, children }: { id: string; children: ReactNode }) {
    const [question] = questions([id]);
    if (!question) throw new Error(`no question ${id} for a prediction`);
    const t = await getTranslations('predict');
    const labels = labelsOf(t, ['title', 'intro', 'before', 'opened', 'keptRight', 'keptWrong'], ['prompt']);
    return (
      <PredictGate question={question} quiz={await quizLabels()} labels={labels}>
        {children}
      </PredictGate>
    );
  }

  return {
    h2: heading('h2'),
    h3: heading('h3'),
    pre: Pre,
    table: Table,
    Terminal: LessonTerminalPlace,
    PacketPath: PacketPathPlace,
    Predict,
    // biome-ignore lint/correctness/noComponentHookFactories: as above
    Quiz: ({ ids }: { ids: string }) => <Quiz questions={questions(list(ids))} />,
    Note,
    Term,
    Run,
    Objectives,
    Summary,
  } as Record<string, ComponentType<never>>;
}
