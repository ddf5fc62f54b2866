// One request for JSON: URL, headers, and milliseconds that it may take. What it comes to is printed as JSON.
const [, , url, headers, milliseconds] = process.argv

function causes (error) {
  const { cause } = error
  return cause ? [error.name, cause.code ?? (cause.name === 'Error' ? cause.message : cause.name)] : [error.name]
}

let status = null
try {
  const answer = await fetch(url, { headers: JSON.parse(headers), signal: AbortSignal.timeout(Number(milliseconds)) })
  status = answer.status
  if (answer.ok) await answer.json()
  console.log(JSON.stringify({ status }))
} catch (error) {
  console.log(JSON.stringify({ status, error: causes(error) }))
}
process.exit()
