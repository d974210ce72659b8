import { test } from 'uvu';
import { seeds } from './seeds.ts';

seeds(34, 50); // in three files, so that they share the processors
test.run();
