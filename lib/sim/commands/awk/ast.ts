export type Expr =
  | { t: 'num'; value: number }
  | { t: 'str'; value: string }
  | { t: 'regex'; source: string }
  | { t: 'var'; name: string }
  | { t: 'field'; index: Expr }
  | { t: 'index'; name: string; keys: Expr[] }
  | { t: 'in'; keys: Expr[]; name: string }
  | { t: 'group'; e: Expr }
  | { t: 'assign'; op: string; target: Expr; value: Expr }
  | { t: 'cond'; test: Expr; yes: Expr; no: Expr }
  | { t: 'and' | 'or'; a: Expr; b: Expr }
  | { t: 'binary'; op: string; a: Expr; b: Expr }
  | { t: 'match'; negated: boolean; a: Expr; b: Expr }
  | { t: 'unary'; op: string; e: Expr }
  | { t: 'step'; prefix: boolean; by: number; target: Expr }
  | { t: 'call'; name: string; args: Expr[] }
  | { t: 'builtin'; name: string; args: Expr[] }
  | { t: 'getline'; target: Expr | null; file: Expr | null };

export type Stmt =
  | { t: 'expr'; e: Expr }
  | { t: 'print' | 'printf'; args: Expr[]; to: { append: boolean; file: Expr } | null }
  | { t: 'if'; test: Expr; yes: Stmt; no: Stmt | null }
  | { t: 'while'; test: Expr; body: Stmt }
  | { t: 'do'; test: Expr; body: Stmt }
  | { t: 'for'; init: Stmt | null; test: Expr | null; step: Stmt | null; body: Stmt }
  | { t: 'forin'; name: string; array: string; body: Stmt }
  | { t: 'block'; body: Stmt[] }
  | { t: 'next' | 'nextfile' | 'break' | 'continue' }
  | { t: 'exit' | 'return'; value: Expr | null }
  | { t: 'delete'; name: string; keys: Expr[] | null };

export interface Rule {
  kind: 'BEGIN' | 'END' | 'main';
  pattern: Expr | null;
  /** The second pattern of a range. */
  until: Expr | null;
  /** Null: print the record. */
  body: Stmt | null;
}

export interface AwkFunction {
  params: string[];
  body: Stmt;
}

export interface AwkProgram {
  rules: Rule[];
  functions: Map<string, AwkFunction>;
  /** Uses getline: input is read ahead. */
  getline: boolean;
}
