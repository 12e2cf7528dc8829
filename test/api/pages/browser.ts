/** A browser without scripts, as far as the console needs one: keeps cookies, finds the form's token on the page, posts forms. */
import { send, type Reply } from '../http';

export class Browser {
  readonly cookies = new Map<string, string>();
  /** Of the page that was shown last. */
  formToken = '';

  constructor(readonly port: number) {}

  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.take(await send(this.port, { method: 'GET', path, headers: { ...this.cookieHeader(), ...headers } }));
  }

  /** With the token of the page that was shown last, unless `fields` name another. */
  async post(path: string, fields: Readonly<Record<string, string>>): Promise<Reply> {
    const body = new URLSearchParams({ formToken: this.formToken, ...fields }).toString();
    const headers = { ...this.cookieHeader(), 'content-type': 'application/x-www-form-urlencoded' };
    return this.take(await send(this.port, { method: 'POST', path, headers, body }));
  }

  async signIn(token: string, operator = 'anna-1'): Promise<Reply> {
    await this.get('/console/sign-in');
    return this.post('/console/sign-in', { token, operator });
  }

  private cookieHeader(): Record<string, string> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return cookie === '' ? {} : { cookie };
  }

  private take(reply: Reply): Reply {
    for (const line of reply.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    this.formToken = /name="formToken" value="([^"]*)"/.exec(reply.text)?.[1] ?? this.formToken;
    return reply;
  }
}
