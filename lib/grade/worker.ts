/** Grades one submission in a worker thread: `{exercise, transcript, seed}` comes in, a verdict goes out. */
import { parentPort } from 'node:worker_threads';
import type { Transcript } from '#sim/index.ts';
import { gradeTranscript } from './grade.ts';
import type { Exercise } from './schema.ts';

export interface GradeRequest {
  id: number;
  exercise: Exercise;
  transcript: Transcript;
  seed: number;
}

parentPort?.on('message', (request: GradeRequest) => {
  const verdict = gradeTranscript(request.exercise, request.transcript, request.seed);
  parentPort?.postMessage({ id: request.id, verdict });
});
