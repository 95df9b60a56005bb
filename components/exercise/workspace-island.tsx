'use client';
import type { ReactNode } from 'react';
import { IntlIsland, type IntlProps } from '../ui/intl-island.tsx';
import type { ExerciseView } from './types.ts';
import { Workspace } from './workspace.tsx';

/** The workspace with the messages it needs. */
export function WorkspaceIsland({
  exercise,
  task,
  intl,
}: {
  exercise: ExerciseView;
  task: ReactNode;
  intl: IntlProps;
}) {
  return (
    <IntlIsland {...intl}>
      <Workspace exercise={exercise} task={task} />
    </IntlIsland>
  );
}
