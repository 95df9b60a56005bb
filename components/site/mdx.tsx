import 'server-only';
import * as React from 'react';
import * as jsxRuntime from 'react/jsx-runtime';

/** By name; each takes props of its own, which are checked when the course is built. */
export type MdxComponents = Record<string, React.ComponentType<never>>;
type MdxContent = React.ComponentType<{ components?: MdxComponents }>;

const cache = new Map<string, MdxContent>();

/** Runs what mdx-bundler made of a lesson. On the server: the browser gets what it renders. */
function evaluate(code: string): MdxContent {
  let content = cache.get(code);
  if (!content) {
    const module = new Function('React', 'ReactDOM', '_jsx_runtime', code)(React, {}, jsxRuntime) as {
      default: MdxContent;
    };
    cache.set(code, (content = module.default));
  }
  return content;
}

interface MdxProps {
  code: string;
  components: MdxComponents;
}

/** A lesson's or a task's text. */
export function Mdx({ code, components }: MdxProps) {
  return React.createElement(evaluate(code), { components });
}
