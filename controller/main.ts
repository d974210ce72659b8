#!/usr/bin/env node
import { runProgram } from './cli/commands.ts';

await runProgram();
