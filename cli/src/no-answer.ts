// Explains why no Buoy answers at an address: often the scheme or the certificate does not match.

/** Errors when a server without TLS is called with https. */
const NO_TLS =
  /^(EPROTO|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNSUPPORTED_PROTOCOL|HTTP_REQUEST))$/;
/** Errors when a server closes the connection before it answers, as an https server does for plain http. */
const CUT = /^(ECONNRESET|UND_ERR_SOCKET|HPE_\w+)$/;
/** Errors for a certificate that no trusted CA has signed. */
const UNTRUSTED =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(_LOCALLY)?)|CERT_UNTRUSTED)$/;

/** @param origin address that was called. @param cause the `cause` of the error from fetch */
export function noAnswer(
  origin: string,
  { code, message }: { code?: string | undefined; message?: string | undefined },
): { message: string; hint: string } {
  const why = code ?? message;
  const because = why === undefined ? '' : ` (${why})`;
  const bare = origin.replace(/^https?:\/\//, '');
  if (UNTRUSTED.test(code ?? ''))
    return {
      message: `This computer does not trust the certificate of ${origin}${because}.`,
      hint: 'If it is your own: set NODE_EXTRA_CA_CERTS=FILE, a file with the certificate or the one that signed it.',
    };
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return {
      message: `The certificate of ${origin} is not valid now${because}.`,
      hint: 'Renew it where Buoy or its proxy runs, and check the clock of this computer.',
    };
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return {
      message: `The certificate of ${origin} is for another name${because}.`,
      hint: 'Use a name that is in the certificate.',
    };
  if (origin.startsWith('https:') && NO_TLS.test(code ?? ''))
    return {
      message: `The server at ${origin} does not speak https${because}.`,
      hint: `If that is intended, on a network that you trust: http://${bare}`,
    };
  return {
    message: `Buoy does not answer at ${origin}${because}.`,
    hint:
      origin.startsWith('http:') && CUT.test(code ?? '')
        ? `Does it speak https? Then use https://${bare}`
        : 'Is the address right, and is Buoy running there?',
  };
}
