using System.Text;
using System.Text.Json;
using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests.Etcd;

/// <summary>Calls of etcd's gateway as its clients make them.</summary>
internal static class EtcdRequests
{
    public static Task<RawResponse> CallAsync(this NodeFixture node, string path, string json, string headers = "") =>
        node.SendAsync("POST", $"/v3/{path}", headers, json);

    /// <summary>The answer of a call that must succeed.</summary>
    public static async Task<JsonElement> DoAsync(this NodeFixture node, string path, string json)
    {
        var response = await node.CallAsync(path, json);
        Assert.True(response.Status == 200, $"{path} {json}: {response.Status} {response.Text}");
        return response.Json;
    }

    /// <summary>A call that must be refused, in both of the places where clients look for the text.</summary>
    public static async Task RefusesAsync(this NodeFixture node, string path, string json, int status, int code, string text)
    {
        var response = await node.CallAsync(path, json);
        Assert.Equal((status, $$"""{"error":"{{text}}","code":{{code}},"message":"{{text}}"}"""), (response.Status, response.Text));
    }

    public static string B(string text) => Convert.ToBase64String(Encoding.Latin1.GetBytes(text));

    /// <summary>A request to watch a key, with more members if there are any: `,"watch_id":9`.</summary>
    public static string WatchOf(string key, string more = "") => "{\"create_request\":{\"key\":\"" + B(key) + "\"" + more + "}}";

    public static long Revision(this JsonElement answer) => answer.GetProperty("header").Number("revision");

    /// <summary>A 64-bit number, which must be a string; 0 when it is left out.</summary>
    public static long Number(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value)
            ? long.Parse(value.GetString()!, System.Globalization.CultureInfo.InvariantCulture)
            : 0;

    /// <summary>The JSON of an answer without its header, which differs from run to run.</summary>
    public static string Body(this JsonElement answer)
    {
        var members = answer.EnumerateObject()
            .Where(member => member.Name != "header")
            .Select(member => $"\"{member.Name}\":{member.Value.GetRawText()}");
        return $"{{{string.Join(",", members)}}}";
    }
}
