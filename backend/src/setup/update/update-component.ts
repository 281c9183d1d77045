// The task that updates one component of a server as a transaction. Its steps are the same for each; what they do differs.
import { type UpdateComponent, type UpdateSetup, updateSetup } from '@buoy/contract';
import { z } from 'zod';
import { type TaskKind, type TaskStepKind, taskStep } from '../../tasks/task-kind.ts';
import { createComponentSteps } from './component-steps.ts';
import { createNodeUpdate } from './update-node.ts';
import { createNpmUpdate } from './update-npm.ts';
import { createOllamaUpdate } from './update-ollama.ts';
import { createUpdateOpenclawKind } from './update-openclaw.ts';
import { removeStaged, type UpdateTools } from './update-parts.ts';

/** Input: the body of its call. Result: `ComponentUpdated`, also of one that failed and was rolled back. */
export function createUpdateComponentKind(tools: UpdateTools): TaskKind {
  const openclaw = createUpdateOpenclawKind(tools);
  const stepsOf: Record<UpdateComponent, readonly TaskStepKind[]> = {
    openclaw: openclaw.steps,
    node: createComponentSteps(tools, createNodeUpdate(tools)),
    npm: createComponentSteps(tools, createNpmUpdate(tools)),
    ollama: createComponentSteps(tools, createOllamaUpdate(tools)),
  };
  return {
    ...openclaw,
    title: 'Update a component',
    inputSchema: updateSetup,
    // The others stage elsewhere.
    onEndedEarly: async (context) => {
      const { component } = updateSetup.parse(context.input);
      if (component === 'openclaw') await removeStaged(tools, context);
    },
    steps: openclaw.steps.map(({ id, title }) => oneOf(id, title, stepsOf)),
  };
}

/** The step of that id which the component of the input has. */
function oneOf(
  id: string,
  title: string,
  stepsOf: Record<UpdateComponent, readonly TaskStepKind[]>,
): TaskStepKind {
  const stepOf = (component: UpdateComponent): TaskStepKind => {
    const step = stepsOf[component].find((one) => one.id === id);
    if (step === undefined) throw new Error(`The update of ${component} has no step "${id}".`);
    return step;
  };
  const all = Object.keys(stepsOf).map((component) => stepOf(component as UpdateComponent));
  return taskStep<UpdateSetup, object>({
    ...{ id, title, deadlineMs: Math.max(...all.map(({ deadlineMs }) => deadlineMs)) },
    // Each step has a state of its own, which its schema fills in place.
    stateSchema: z.looseObject({}),
    async run(context) {
      const { run, stateSchema } = stepOf(context.input.component);
      Object.assign(context.state, stateSchema?.parse(context.state));
      return run(context);
    },
  });
}
