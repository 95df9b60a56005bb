import { describe } from 'vitest';
import { replay } from '../../test/recorded.ts';
import cases from './recorded.json' with { type: 'json' };

describe('ls as recorded', () => replay(cases));
