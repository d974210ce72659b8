// Public clients find simulated BMCs that behave: sushy, redfish and redfishtool, from PyPI.
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PRESETS, type PresetName } from '../../controller/demo/presets/index.ts';
import { createPythonRoom, good, type PythonRoom } from '../support/python.ts';
import { idOf, tried } from './client.ts';

const PACKAGES = ['sushy==5.14.0', 'redfish==3.4.2', 'redfishtool==1.1.8'];

interface Found {
  readonly room: PythonRoom;
}

const clients = suite<Found>('public clients');

clients.before(async (context) => {
  Object.assign(context, { room: await createPythonRoom(PACKAGES) });
});
clients.after(({ room }) => room.remove());

const script = (name: string) => join(import.meta.dirname, 'clients', `${name}.py`);

for (const [preset, { host, managers }] of Object.entries(PRESETS) as [PresetName, (typeof PRESETS)[PresetName]][]) {
  const id = idOf(host.system);

  clients(`#22.29 ${preset}: sushy`, ({ room }) =>
    tried(preset, room, async ({ endpoint }, ca) => {
      assert.match(good(await room.run('python', [script('sushy_client'), endpoint, ca, id])), /ok/);
    }),
  );

  clients(`#22.29 ${preset}: redfish`, ({ room }) =>
    tried(preset, room, async ({ endpoint }, ca) => {
      const path = `/redfish/v1/${host.system}`;
      assert.match(good(await room.run('python', [script('redfish_client'), endpoint, ca, path])), /ok/);
    }),
  );

  clients(`#22.29 ${preset}: redfishtool`, ({ room }) =>
    tried(preset, room, async ({ endpoint }) => {
      const login = ['-r', endpoint.replace('https://', ''), '-u', 'root', '-p', '0penBmc', '-S', 'Always'];
      const ask = async (...args: readonly string[]) => good(await room.run('redfishtool', [...login, ...args]));
      assert.match(await ask('Systems', 'list'), new RegExp(`"Id": "${id}"`));
      assert.match(await ask('Systems', '-I', id, 'get'), /"PowerState": "On"/);
      assert.match(await ask('Managers', '-I', managers[0] ?? '', 'NetworkProtocol'), /"ProtocolEnabled"/);
      await ask('Systems', '-I', id, 'reset', 'ForceRestart');
    }),
  );
}

clients.run();
