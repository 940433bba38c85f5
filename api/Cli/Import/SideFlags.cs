using System.CommandLine;

namespace RestKv.Api.Cli.Import;

/// <summary>The flags that say where one of the two stores is, and as whom it is asked.</summary>
internal sealed class SideFlags
{
    private readonly Option<string?> _endpoints;
    private readonly Option<string?> _trusted;
    private readonly Option<string?> _certificate;
    private readonly Option<string?> _key;
    private readonly Option<string?> _user;
    private readonly Option<string?> _password;
    private readonly Option<string?> _token;

    /// <param name="start">What the other flags of this side begin with.</param>
    public SideFlags(string start, Option<string?> endpoints)
    {
        endpoints.Required = true;
        _endpoints = endpoints;
        var side = start.Length > 0 ? "the source" : "the target";
        _trusted = ImportFlags.Text($"--{start}trusted-ca-file", "FILE", $"The authority of {side}'s certificate. [the system's]");
        _certificate = ImportFlags.Text($"--{start}cert-file", "FILE", $"A client's certificate to show to {side}.");
        _key = ImportFlags.Text($"--{start}key-file", "FILE", "Its private key.");
        _user = ImportFlags.Text($"--{start}user", "NAME[:PASSWORD]", $"Who to be at {side}.");
        _password = ImportFlags.Text($"--{start}password-file", "FILE", "Where the password is, since others see what is typed here.");
        _token = ImportFlags.Text($"--{start}token-file", "FILE", "Where a token is, instead of name and password.");
    }

    public IEnumerable<Option> All => [_endpoints, _trusted, _certificate, _key, _user, _password, _token];

    public ImportSide Read(string name, ParseResult parsed)
    {
        string Given(Option<string?> option) => parsed.GetValue(option) ?? "";

        ImportFlags.Require(
            Given(_certificate).Length == 0 == (Given(_key).Length == 0), $"{_certificate.Name} and {_key.Name} belong together");
        var user = Given(_user).Split(':', 2);
        ImportFlags.Require(
            user.Length == 1 || Given(_password).Length == 0, $"{_user.Name} has a password already, and {_password.Name} another");
        ImportFlags.Require(user[0].Length > 0 || Given(_password).Length == 0, $"{_password.Name} needs {_user.Name}");
        ImportFlags.Require(
            user[0].Length == 0 || Given(_token).Length == 0, $"{_user.Name} and {_token.Name} exclude each other");
        return new ImportSide
        {
            Name = name,
            Endpoints = Endpoints(Given(_endpoints)),
            TrustedCaFile = Given(_trusted),
            CertFile = Given(_certificate),
            KeyFile = Given(_key),
            User = user[0],
            Password = user.Length == 2 ? user[1] : Given(_password) is { Length: > 0 } file ? ImportFlags.Secret(file) : "",
            Token = Given(_token) is { Length: > 0 } tokenFile ? ImportFlags.Secret(tokenFile) : "",
        };
    }

    private Uri[] Endpoints(string text)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var addresses = parts
            .Select(part => Uri.TryCreate(part, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
                && address is { PathAndQuery: "/", UserInfo: "" } ? address : null)
            .OfType<Uri>().ToArray();
        ImportFlags.Require(
            parts.Length > 0 && addresses.Length == parts.Length,
            $"{_endpoints.Name} {text}: must be addresses such as http://127.0.0.1:2379, with commas between them");
        return addresses;
    }
}
