// Selects one of OpenClaw's models, or the default.
import type { Server } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useServices } from '../../services.ts';
import type { ControlProps } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { modelsQuery } from '../config/config-queries.ts';

/** @param unset what it is called to choose none */
export function ModelInput({
  server,
  unset,
  value,
  onChange,
  ...control
}: ControlProps & {
  server: Server;
  unset: string;
  value: string;
  onChange: (model: string) => void;
}) {
  const { api } = useServices();
  const models = useQuery(modelsQuery(api, server.id)).data?.models ?? [];
  return (
    <Select
      {...control}
      value={value}
      onChange={onChange}
      options={[
        { value: '', title: unset },
        ...models.map(({ provider, id, name }) => ({
          value: `${provider}/${id}`,
          title: name === id ? `${provider}/${id}` : `${provider}/${id} · ${name}`,
        })),
      ]}
    />
  );
}
