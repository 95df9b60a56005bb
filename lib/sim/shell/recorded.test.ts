import { describe } from 'vitest';
import { replay } from '../test/recorded.ts';
import cases from './recorded.json' with { type: 'json' };

describe('lines of the shell as recorded', () => replay(cases));
