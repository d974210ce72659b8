// Ansible's modules for Redfish (community.general) find simulated BMCs that behave.
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PRESETS, type PresetName } from '../../controller/demo/presets/index.ts';
import { createPythonRoom, good, type PythonRoom, unpackFolder } from '../support/python.ts';
import { idOf, tried } from './client.ts';

const PACKAGES = ['ansible-core==2.19.14'];
/** Of which one collection is taken. */
const COLLECTIONS = 'ansible==12.3.0';
const COLLECTION = 'ansible_collections/community/general/';

const ansible = suite<{ readonly room: PythonRoom }>('Ansible');

ansible.before(async (context) => {
  const room = await createPythonRoom(PACKAGES);
  Object.assign(context, { room });
  await unpackFolder(room, COLLECTIONS, COLLECTION);
});
ansible.after(({ room }) => room.remove());

for (const preset of ['openbmc', 'idrac', 'ilo', 'supermicro', 'gb300'] satisfies PresetName[]) {
  const id = idOf(PRESETS[preset].host.system);

  ansible(`#22.29 ${preset}: Ansible's community.general`, ({ room }) =>
    tried(preset, room, async ({ endpoint, host: itself }, ca) => {
      const ask = async (module: string, args: string) => {
        const at = `baseuri=${endpoint.replace('https://', '')} username=root password=0penBmc ca_path=${ca}`;
        const local = [
          'localhost',
          '-i',
          'localhost,',
          '-c',
          'local',
          '-e',
          `ansible_python_interpreter=${room.path('python')}`,
        ];
        const whole = [...local, '-m', `community.general.${module}`, '-a', `${at} validate_certs=true ${args}`];
        const folders = { ANSIBLE_COLLECTIONS_PATH: room.folder, ANSIBLE_HOME: join(room.folder, 'home') };
        return good(await room.run('ansible', whole, folders));
      };
      const facts = 'GetSystemInventory,GetBootOverride,GetHealthReport';
      const known = await ask('redfish_info', `category=Systems command=${facts}`);
      if (preset !== 'gb300') assert.not.match(known, /"ret": false/); // its second system has no Boot
      assert.match(known, /"power_?state": "On"/i);
      await ask('redfish_command', `category=Systems command=PowerForceOff resource_id=${id}`);
      assert.equal(itself.orders, ['ForceOff']);
      if (preset === 'openbmc') assert.match(await ask('redfish_info', 'category=all command=all'), /SUCCESS/);
    }),
  );
}

ansible.run();
