import { createHighlighterCore, type HighlighterCore } from 'shiki/core';
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript';
import bash from 'shiki/langs/bash.mjs';
import json from 'shiki/langs/json.mjs';
import yaml from 'shiki/langs/yaml.mjs';
import dark from 'shiki/themes/github-dark-high-contrast.mjs';
import light from 'shiki/themes/github-light-high-contrast.mjs';
import styles from './lesson.module.css';

const LANGUAGES = new Set(['bash', 'sh', 'shell', 'json', 'yaml']);

let highlighter: Promise<HighlighterCore> | null = null;

function getHighlighter(): Promise<HighlighterCore> {
  highlighter ??= createHighlighterCore({
    engine: createJavaScriptRegexEngine(),
    langs: [bash, json, yaml],
    themes: [light, dark],
  });
  return highlighter;
}

async function colour(code: string, language: string): Promise<string> {
  return (await getHighlighter()).codeToHtml(code, {
    lang: language,
    themes: { light: light.name as string, dark: dark.name as string },
    defaultColor: 'light-dark()',
    structure: 'inline',
  });
}

/** A listing, coloured on the server; a language that is not known stays plain. */
export async function CodeBlock({ code, language }: { code: string; language: string }) {
  const html = LANGUAGES.has(language) ? await colour(code, language) : null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <pre className={styles.code} tabIndex={0}>
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: shiki escapes the code that it colours */}
      {html === null ? <code>{code}</code> : <code dangerouslySetInnerHTML={{ __html: html }} />}
    </pre>
  );
}
