using System.Numerics;
using RestKv.Api.Errors;

namespace RestKv.Api.Http;

/// <summary>
/// Reads the query string strictly: every parameter known, none twice, every number by an exact grammar. The first fault is
/// kept in <see cref="Problem"/>; readers go on with harmless values, so callers check once at the end.
/// </summary>
internal struct QueryReader
{
    public const long IntegerMax = (1L << 53) - 1;

    private readonly QuerySpec _spec;
    private readonly ReadOnlyMemory<char>[] _values;
    private ulong _present;
    private ulong _bare;
    private List<(int Index, ReadOnlyMemory<char> Value)>? _repeatable;

    private QueryReader(QuerySpec spec, ReadOnlyMemory<char>[] values)
    {
        _spec = spec;
        _values = values;
    }

    /// <summary>The first fault, or null.</summary>
    public Problem? Problem { get; private set; }

    public static QueryReader Read(HttpContext context, QuerySpec spec)
    {
        var query = RequestFacts.Of(context).RawQuery;
        if (query.IsEmpty)
        {
            return new QueryReader(spec, []);
        }

        var reader = new QueryReader(spec, new ReadOnlyMemory<char>[spec.Parameters.Count]);
        while (!query.IsEmpty && reader.Problem is null)
        {
            var end = query.Span.IndexOf('&');
            var part = end < 0 ? query : query[..end];
            query = end < 0 ? default : query[(end + 1)..];
            if (!part.IsEmpty)
            {
                reader.Take(part);
            }
        }

        return reader;
    }

    public readonly bool Has(QueryParameter parameter) =>
        _present != 0 && (_present & Bit(_spec.IndexOf(parameter))) != 0;

    /// <summary>Records a fault unless there is one already.</summary>
    public void Fail(ProblemType type, string detail, string at) => Problem ??= new Problem(type, detail) { At = at };

    public bool Flag(QueryParameter parameter)
    {
        if (!Has(parameter))
        {
            return false;
        }

        var index = _spec.IndexOf(parameter);
        if ((_bare & Bit(index)) != 0 || _values[index].Span is "true")
        {
            return true;
        }

        if (_values[index].Span is not "false")
        {
            Fail(ProblemCatalog.BadRequest, $"{parameter.Name} is true or false", parameter.Name);
        }

        return false;
    }

    /// <summary>The index of the chosen word in <see cref="QueryParameter.Choices"/>; 0 when absent.</summary>
    public int Choice(QueryParameter parameter)
    {
        if (!Has(parameter))
        {
            return 0;
        }

        var text = _values[_spec.IndexOf(parameter)].Span;
        for (var i = 0; i < parameter.Choices.Count; i++)
        {
            if (text.SequenceEqual(parameter.Choices[i]))
            {
                return i;
            }
        }

        Fail(
            ProblemCatalog.BadRequest,
            $"{parameter.Name} is one of {string.Join(", ", parameter.Choices.Where(choice => choice.Length > 0))}",
            parameter.Name);
        return 0;
    }

    /// <summary>A whole number between the bounds of the parameter, or the given default.</summary>
    public long Integer(QueryParameter parameter, long absent, ProblemType fault)
    {
        if (!Has(parameter))
        {
            return absent;
        }

        var minimum = parameter.Minimum ?? 0;
        var maximum = parameter.Maximum ?? IntegerMax;
        if (TryParseInteger(_values[_spec.IndexOf(parameter)].Span, out var number) && number >= minimum && number <= maximum)
        {
            return number;
        }

        Fail(fault, $"{parameter.Name} is a whole number from {minimum} to {maximum}", parameter.Name);
        return absent;
    }

    /// <summary>A duration between the bounds of the parameter (milliseconds), or the given default.</summary>
    public TimeSpan Duration(QueryParameter parameter, TimeSpan absent)
    {
        if (!Has(parameter))
        {
            return absent;
        }

        var text = _values[_spec.IndexOf(parameter)].Span;
        if (DurationText.TryParse(text, out var milliseconds)
            && milliseconds >= (parameter.Minimum ?? 0) && milliseconds <= (parameter.Maximum ?? IntegerMax))
        {
            return TimeSpan.FromMilliseconds(milliseconds);
        }

        Fail(
            ProblemCatalog.BadDuration,
            $"{parameter.Name} is a duration such as 30s, 5m or 1h30m, from {(parameter.Minimum ?? 0) / 1000.0}s"
                + $" to {(parameter.Maximum ?? IntegerMax) / 1000}s",
            parameter.Name);
        return absent;
    }

    /// <summary>The decoded text; empty when absent.</summary>
    public string Text(QueryParameter parameter)
    {
        if (!Has(parameter))
        {
            return "";
        }

        if (PercentText.TryDecodeQuery(_values[_spec.IndexOf(parameter)].Span, out var bytes))
        {
            return System.Text.Encoding.UTF8.GetString(bytes);
        }

        Fail(ProblemCatalog.BadRequest, $"{parameter.Name} is not percent-encoded UTF-8", parameter.Name);
        return "";
    }

    /// <summary>The bytes of a key part given as text or, by the twin, as base64url; null when neither is there.</summary>
    public byte[]? KeyBytes(QueryParameter text, QueryParameter twin)
    {
        if (Has(twin))
        {
            if (Has(text))
            {
                Fail(ProblemCatalog.InvalidRange, $"{text.Name} and {twin.Name} exclude each other", twin.Name);
            }

            return DecodeTwin(_values[_spec.IndexOf(twin)].Span, twin);
        }

        return Has(text) ? DecodeText(_values[_spec.IndexOf(text)].Span, text, twin) : null;
    }

    /// <summary>All values of a repeatable key part, as text or by its twin, in the order of the query.</summary>
    public List<byte[]> AllKeyBytes(QueryParameter text, QueryParameter twin)
    {
        var all = new List<byte[]>();
        foreach (var (index, value) in _repeatable ?? [])
        {
            var parameter = _spec.Parameters[index];
            if (parameter == text || parameter == twin)
            {
                all.Add(parameter == text ? DecodeText(value.Span, text, twin) : DecodeTwin(value.Span, twin));
            }
        }

        return all;
    }

    /// <summary>All values of a repeatable text, in the order of the query.</summary>
    public List<string> AllTexts(QueryParameter parameter) =>
        AllKeyBytes(parameter, parameter).ConvertAll(System.Text.Encoding.UTF8.GetString);

    /// <summary>`0` or digits that do not start with 0, up to 2^53-1: what every JSON reader holds exactly.</summary>
    public static bool TryParseInteger(ReadOnlySpan<char> text, out long number)
    {
        number = 0;
        if (text.Length is 0 or > 16 || text.ContainsAnyExceptInRange('0', '9') || (text[0] == '0' && text.Length > 1))
        {
            return false;
        }

        foreach (var digit in text)
        {
            number = (number * 10) + (digit - '0');
        }

        return number <= IntegerMax;
    }

    private byte[] DecodeText(ReadOnlySpan<char> value, QueryParameter text, QueryParameter twin)
    {
        if (!PercentText.TryDecodeQuery(value, out var bytes))
        {
            Fail(
                ProblemCatalog.KeyEncoding,
                $"{text.Name} is not percent-encoded UTF-8; {twin.Name} takes any bytes",
                text.Name);
        }

        return Bounded(bytes, text);
    }

    private byte[] DecodeTwin(ReadOnlySpan<char> value, QueryParameter twin)
    {
        if (!StrictBase64.TryDecodeUrl(value, out var bytes))
        {
            Fail(ProblemCatalog.InvalidBase64, $"{twin.Name} is base64url without padding", twin.Name);
        }

        return Bounded(bytes, twin);
    }

    private byte[] Bounded(byte[] bytes, QueryParameter parameter)
    {
        if (bytes.Length > HttpLimits.KeyBytesMax)
        {
            Fail(ProblemCatalog.KeyTooLong, $"{parameter.Name} has {bytes.Length} bytes", parameter.Name);
        }

        return bytes;
    }

    private void Take(ReadOnlyMemory<char> part)
    {
        var equals = part.Span.IndexOf('=');
        var name = equals < 0 ? part.Span : part.Span[..equals];
        if (name.ContainsAny('%', '+'))
        {
            if (!PercentText.TryDecodeQuery(name, out var decoded))
            {
                Fail(ProblemCatalog.BadRequest, "the name of a parameter is not percent-encoded UTF-8", name.ToString());
                return;
            }

            name = System.Text.Encoding.UTF8.GetString(decoded);
        }

        var index = _spec.IndexOf(name);
        if (index < 0)
        {
            FailUnknown(name);
            return;
        }

        var bit = Bit(index);
        if (_spec.Parameters[index].IsRepeatable)
        {
            (_repeatable ??= []).Add((index, equals < 0 ? default : part[(equals + 1)..]));
        }
        else if ((_present & bit) != 0)
        {
            Fail(ProblemCatalog.DuplicateParameter, $"{name} is given twice", name.ToString());
        }

        _present |= bit;
        _bare |= equals < 0 ? bit : 0;
        _values[index] = equals < 0 ? default : part[(equals + 1)..];
    }

    private void FailUnknown(ReadOnlySpan<char> name)
    {
        if (name is "token" or "access_token" or "auth_token" or "api_key" or "apikey" or "authorization" or "password")
        {
            Fail(ProblemCatalog.TokenInUrl, "send credentials in the Authorization header: URLs end up in logs", name.ToString());
            return;
        }

        var known = new string[_spec.Parameters.Count];
        for (var i = 0; i < known.Length; i++)
        {
            known[i] = _spec.Parameters[i].Name;
        }

        Fail(ProblemCatalog.UnknownParameter, $"known here: {string.Join(", ", known)}", name.ToString());
    }

    private static ulong Bit(int index) => index < 0 ? 0 : BitOperations.RotateLeft(1UL, index);
}
