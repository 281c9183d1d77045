// The title of a task: the text for its type, or the type itself if this app does not know it.
import type { Task } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { taskTexts } from './texts.ts';

export function useTaskTitle(): (task: Pick<Task, 'type'>) => string {
  const t: Readonly<Record<string, unknown>> = useTexts(taskTexts);
  return ({ type }) => {
    const title = Object.hasOwn(t, `type_${type}`) ? t[`type_${type}`] : type;
    return typeof title === 'string' ? title : type;
  };
}
