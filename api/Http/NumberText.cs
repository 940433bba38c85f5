using System.Globalization;

namespace RestKv.Api.Http;

/// <summary>
/// The text of the newest revision, made once per revision and shared by all requests that meet it. Readers on any thread:
/// the pair is immutable and published whole.
/// </summary>
internal sealed class NumberText
{
    private Pair _pair = new(0, "0");

    public string Of(long number)
    {
        var pair = Volatile.Read(ref _pair);
        if (pair.Number != number)
        {
            pair = new Pair(number, number.ToString(CultureInfo.InvariantCulture));
            Volatile.Write(ref _pair, pair);
        }

        return pair.Text;
    }

    private sealed record Pair(long Number, string Text);
}
