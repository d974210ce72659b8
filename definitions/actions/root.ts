/** The collections of a service root in which actions find what they change. */
export type Root = 'Managers' | 'Systems' | 'Chassis';

/** The field of a payload entry that names a member. */
export type RootField = 'ManagerID' | 'SystemID' | 'ChassisID';

/** How a root is named in entries, and in sentences. */
export const ROOTS: Readonly<Record<Root, { readonly field: RootField; readonly noun: string }>> = {
  Managers: { field: 'ManagerID', noun: 'manager' },
  Systems: { field: 'SystemID', noun: 'system' },
  Chassis: { field: 'ChassisID', noun: 'chassis' },
};
