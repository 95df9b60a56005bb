import type { ReactNode } from 'react';
import { intlProps } from '../ui/intl-props.ts';
import type { ExerciseView } from './types.ts';
import { WorkspaceIsland } from './workspace-island.tsx';

/** An exercise at work: the task on one side, the terminals on the other, checks, hints and the verdict. */
export async function ExerciseWorkspace({ exercise, task }: { exercise: ExerciseView; task: ReactNode }) {
  return (
    <WorkspaceIsland
      exercise={exercise}
      task={task}
      intl={await intlProps(['exercise', 'terminal', 'path', 'trace'])}
    />
  );
}
