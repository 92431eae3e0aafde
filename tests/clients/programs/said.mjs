// What the programs have in common: they are told who they are on the command line, and print lines of JSON.
// A program ends when its standard input does.

export const told = JSON.parse(process.argv[2])
export const authorization = `Bearer ${told.token}`
export const ended = new Promise((resolve) => process.stdin.on('end', resolve).resume())
export const say = (kind, value = null) => process.stdout.write(JSON.stringify({ kind, value }) + '\n')

export const QUERY = 'query Me { me { displayName } installation { mode } }'
export const DECLARE = `
  mutation Declare($input: DeclareInput!) {
    declare(input: $input) {
      __typename
      ... on Receipt { code declarations { id case { id } } }
      ... on InvalidInput { fields { path code message } }
    }
  }`
export const ALERTS = `
  subscription Alerts($after: String) {
    alerts(after: $after) { cursor change alert { id case { id } } }
  }`

export const heard = ({ cursor, alert }) => say('event', { cursor, case: alert.case.id })

// Short, so that a test need not wait; a real client waits longer each time, and not as long as its neighbours.
export const aMoment = () => new Promise((resolve) => setTimeout(resolve, 100))
