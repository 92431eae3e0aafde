// Makes TypeScript's types of the schema and of every operation of the guide, as frontends do at each build.
// Told: { schema, operations, folder }: a file, the folder of its documents, and where the types go. Says: types.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codegen } from '@graphql-codegen/core'
import * as operationsPlugin from '@graphql-codegen/typescript-operations'
import { buildSchema, parse, printSchema } from 'graphql'
import { say, told } from './said.mjs'

const { schema, operations, folder } = told
const built = buildSchema(readFileSync(schema, 'utf8'))
const text = await codegen({
  filename: 'api.ts',
  schema: parse(printSchema(built)),
  schemaAst: built,
  documents: readdirSync(operations).map((name) => ({
    location: name,
    document: parse(readFileSync(join(operations, name), 'utf8')),
  })),
  config: { scalars: { Date: 'string', DateTime: 'string', Time: 'string' }, strictScalars: true, enumsAsTypes: true },
  plugins: [{ operations: {} }],
  pluginMap: { operations: operationsPlugin },
})
writeFileSync(join(folder, 'api.ts'), text)
say('types', text.length)
