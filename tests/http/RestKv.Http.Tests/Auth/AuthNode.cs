using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using RestKv.Api.Hosting;
using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests.Auth;

/// <summary>
/// A member with authentication on. Root is `root`; ann may read and write a/, read b/, write c/; bob may read and write b/; ops
/// runs the cluster.
/// </summary>
public class AuthNode : NodeFixture, IAsyncLifetime
{
    internal const string RootPassword = "a long root password";
    internal const string Password = "correct horse battery";

    internal HttpClient Root { get; private set; } = new();

    internal HttpClient Ann { get; private set; } = new();

    internal HttpClient Bob { get; private set; } = new();

    internal HttpClient Ops { get; private set; } = new();

    async Task IAsyncLifetime.InitializeAsync()
    {
        await base.InitializeAsync();
        await MustAsync(Client, "POST", "/v1/auth/users", $$"""{"name":"root","password":"{{RootPassword}}","roles":["root"]}""");
        await MustAsync(Client, "PUT", "/v1/auth/enabled", """{"enabled":true}""");
        Root = As("root", RootPassword);
        await AddAsync("ann", """{"prefix":"a/","access":"rw"},{"prefix":"b/","access":"r"},{"prefix":"c/","access":"w"}""");
        await AddAsync("bob", """{"prefix":"b/","access":"rw"}""");
        await AddAsync("ops", """{"prefix":"","access":"admin"}""");
        (Ann, Bob, Ops) = (As("ann", Password), As("bob", Password), As("ops", Password));
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        foreach (var client in (HttpClient[])[Root, Ann, Bob, Ops])
        {
            client.Dispose();
        }

        await base.DisposeAsync();
    }

    protected override NodeOptions Configure(NodeOptions options) => options with { PasswordIterations = 1_000 };

    /// <summary>A client that sends a name and a password with every request.</summary>
    internal HttpClient As(string name, string password) => With(new AuthenticationHeaderValue(
        "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}"))));

    internal HttpClient With(AuthenticationHeaderValue? authorization)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false })
        {
            BaseAddress = Client.BaseAddress,
            Timeout = Client.Timeout,
        };
        client.DefaultRequestHeaders.Authorization = authorization;
        return client;
    }

    /// <summary>A user with a role of the same name.</summary>
    internal async Task AddAsync(string name, string permissions)
    {
        await MustAsync(Root, "PUT", $"/v1/auth/roles/{name}", $$"""{"permissions":[{{permissions}}]}""");
        await MustAsync(
            Root, "POST", "/v1/auth/users", $$"""{"name":"{{name}}","password":"{{Password}}","roles":["{{name}}"]}""");
    }

    internal async Task<string> LoginAsync(string name, string password = Password)
    {
        using var client = With(null);
        var answer = await MustAsync(client, "POST", "/v1/auth/login", $$"""{"user":"{{name}}","password":"{{password}}"}""");
        return answer.GetProperty("token").GetString()!;
    }

    internal static async Task<Answer> AskAsync(HttpClient client, string method, string target, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var response = await client.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers);
    }

    /// <summary>A request that must succeed.</summary>
    internal static async Task<JsonElement> MustAsync(HttpClient client, string method, string target, string? body = null)
    {
        var answer = await AskAsync(client, method, target, body);
        Assert.True(
            answer.Status is >= 200 and < 300,
            string.Create(CultureInfo.InvariantCulture, $"{method} {target}: {answer.Status} {answer.Text}"));
        return answer.Text.StartsWith('{') ? JsonDocument.Parse(answer.Text).RootElement : default;
    }

    internal static async Task<string> CodeOfAsync(HttpClient client, string method, string target, string? body = null) =>
        (await AskAsync(client, method, target, body)).Code;
}

/// <summary>An answer, with the code of its problem; "" for none.</summary>
internal sealed record Answer(int Status, string Text, HttpResponseHeaders Headers)
{
    public string Code => Status >= 400 && Text.StartsWith('{')
        ? JsonDocument.Parse(Text).RootElement.GetProperty("code").GetString()!
        : Status >= 400 ? Status.ToString(CultureInfo.InvariantCulture) : "";

    public JsonElement Json => JsonDocument.Parse(Text).RootElement;
}
