// Rows of the task tables as records: JSON columns parsed, states checked.
import { stepStatus, taskError, taskStatus } from '@buoy/contract';
import { z } from 'zod';
import type { TaskStepTable, TaskTable } from '../db/schema.ts';
import type { StepRecord, TaskRecord } from './task-record.ts';

const anyJson = z.json();

/** @throws when a row holds what this version never writes: a damaged database or one of a newer version */
export function taskRecord(row: TaskTable, steps: TaskStepTable[]): TaskRecord {
  return {
    id: row.id,
    type: row.type,
    serverId: row.serverId,
    status: taskStatus.parse(row.status),
    input: fromJson(row.input),
    result: anyJson.parse(fromJson(row.result)),
    error: taskError.nullable().parse(fromJson(row.error)),
    cancelRequested: row.cancelRequested === 1,
    createdBy: row.createdBy,
    createdAt: row.createdAt,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
    outputBytes: row.outputBytes,
    steps: steps.map(stepRecord),
  };
}

function stepRecord(row: TaskStepTable): StepRecord {
  return {
    id: row.stepId,
    title: row.title,
    status: stepStatus.parse(row.status),
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
    detail: row.detail,
    fraction: row.fraction,
    state: fromJson(row.state),
    result: fromJson(row.result),
    outputTail: row.outputTail,
  };
}

function fromJson(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}
