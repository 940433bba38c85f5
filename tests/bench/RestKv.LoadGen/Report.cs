using System.Text;
using System.Text.Json;

namespace RestKv.LoadGen;

/// <summary>The one line of JSON on standard output in which every command ends.</summary>
internal static class Report
{
    public static void Print(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        Console.WriteLine("JSON " + Encoding.UTF8.GetString(bytes.ToArray()));
    }
}
