using System.Text;

namespace RestKv.LoadGen;

/// <summary>The text of a put over HTTP/1.1, for either API.</summary>
internal static class Puts
{
    public static byte[] Request(LoadOptions options, char space, int key, string value)
    {
        var name = new byte[KeyText.Length];
        KeyText.Write(name, space, key);
        if (!options.IsEtcd)
        {
            return Text($"PUT /v1/kv/{Encoding.ASCII.GetString(name)}", "application/octet-stream", value);
        }

        var body = $$"""{"key":"{{Convert.ToBase64String(name)}}","value":"{{Base64(value)}}"}""";
        return Text("POST /v3/kv/put", "application/json", body);
    }

    public static string Base64(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));

    private static byte[] Text(string start, string type, string body) => Encoding.ASCII.GetBytes(
        $"{start} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n{body}");
}
